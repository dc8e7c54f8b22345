import { z } from "zod";
import { strict } from "../strict.ts";
import {
  MAX_HEADERS,
  MAX_SELECTOR_CHARS,
  MAX_STEPS,
  MAX_TEXT_CHARS,
  MAX_URL_CHARS,
  STEP_TIMEOUT_MS,
} from "./constants.ts";

/**
 * Texts may hold `{base}` (the portal's base URL without a slash at the end) everywhere; what is typed may also hold
 * `{username}`, `{password}`, `{phone}`, `{extra.<name>}` and, in the steps of `code`, `{code}`; headers of requests
 * `{value.<name>}`.
 */
export const Text = z.string().min(1).max(MAX_TEXT_CHARS);
const Selector = z.string().min(1).max(MAX_SELECTOR_CHARS).meta({ description: "CSS" });
const Address = z
  .string()
  .min(1)
  .max(MAX_URL_CHARS)
  .meta({ description: "A URL, or a path below the portal's base URL" });
const UrlGlob = z
  .string()
  .min(1)
  .max(MAX_URL_CHARS)
  .meta({ description: "A URL or a path; `*` stands for anything" });
export const Header = z
  .record(
    z.string().regex(/^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/, "is no header name in lower case"),
    z.string().max(MAX_TEXT_CHARS),
  )
  .refine(
    (headers) => Object.keys(headers).length <= MAX_HEADERS,
    `has more than ${MAX_HEADERS} headers`,
  );

/** Something that a page shows; all that is given must hold. */
export const Marker = strict({
  selector: Selector.optional().meta({ description: "An element that can be seen" }),
  url: UrlGlob.optional(),
  text: Text.optional().meta({ description: "Text on the page" }),
}).refine(
  ({ selector, url, text }) => selector !== undefined || url !== undefined || text !== undefined,
  "is empty; give `selector`, `url` or `text`",
);
export type Marker = z.infer<typeof Marker>;

const common = {
  optional: z
    .boolean()
    .default(false)
    .meta({ description: "True: when it cannot be done, the login goes on" }),
  timeoutMs: z.number().int().min(STEP_TIMEOUT_MS.min).max(STEP_TIMEOUT_MS.max).optional(),
};

export const Step = z.discriminatedUnion("do", [
  strict({ do: z.literal("goto"), url: Address, ...common }),
  strict({ do: z.literal("fill"), selector: Selector, value: Text, ...common }),
  strict({ do: z.literal("click"), selector: Selector, ...common }),
  strict({ do: z.literal("waitForSelector"), selector: Selector, ...common }),
  strict({ do: z.literal("waitForUrl"), url: UrlGlob, ...common }),
  strict({
    do: z.literal("waitForResponse"),
    url: UrlGlob,
    status: z.number().int().min(100).max(599).optional(),
    ...common,
  }),
]);
export type Step = z.infer<typeof Step>;
export const Steps = z.array(Step).min(1).max(MAX_STEPS);

/** What an answer looks like; all that is given must hold. */
export const Looks = strict({
  status: z.array(z.number().int().min(100).max(599)).min(1).max(50).optional(),
  url: UrlGlob.optional().meta({ description: "Where redirects led to" }),
  bodyContains: Text.optional(),
  bodyLacks: Text.optional(),
}).refine(
  (looks) => Object.values(looks).some((value) => value !== undefined),
  "is empty; give `status`, `url`, `bodyContains` or `bodyLacks`",
);
export type Looks = z.infer<typeof Looks>;

export const SiteRequest = {
  method: z.enum(["GET", "HEAD", "POST", "PUT", "DELETE"]).default("GET"),
  url: Address,
  headers: Header.default({}),
  body: z.string().max(MAX_TEXT_CHARS).optional(),
};

/** Where a value that requests need is found once the login is done. */
export const SessionValue = z.discriminatedUnion("from", [
  strict({ from: z.literal("cookie"), name: Text }),
  strict({ from: z.literal("localStorage"), name: Text }),
  strict({ from: z.literal("sessionStorage"), name: Text }),
  strict({
    from: z.literal("element"),
    selector: Selector,
    attribute: Text.optional().meta({ description: "Left out: its text" }),
  }),
]);
export type SessionValue = z.infer<typeof SessionValue>;

export const Refusal = z.enum([
  "wrong_password",
  "account_locked",
  "captcha",
  "code_rejected",
  "site_busy",
  "login_refused",
]);
