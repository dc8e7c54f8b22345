import { z } from "zod";
import { strict } from "../strict.ts";
import {
  DEFAULT_TIMEOUT_MS,
  MAX_CONFIG_HEADERS,
  MAX_HEADER_VALUE_CHARS,
  MAX_SECRET_BYTES,
  MAX_SIGNING_SECRETS,
  MAX_TIMEOUT_MS,
  MAX_URL_CHARS,
  MIN_SECRET_BYTES,
  MIN_TIMEOUT_MS,
} from "./constants.ts";
import { isReserved, isToken } from "./header-names.ts";
import { MASK, MASK_REMEDY } from "./mask.ts";
import { PRIVATE_PREFIX, readSigningKey, SECRET_PREFIX } from "./sign.ts";

const METHODS = ["same", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

const SECRET_REMEDY =
  `use \`${SECRET_PREFIX}\` and the Base64 of ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} random bytes, ` +
  `or \`${PRIVATE_PREFIX}\` and the Base64 of 32 random bytes for ed25519`;

/** A Standard Webhooks secret: symmetric, or an ed25519 seed. */
const SigningSecret = z
  .string()
  .max(200)
  .superRefine((text, ctx) => {
    const message = secretProblem(text);
    if (message !== null) ctx.addIssue({ code: "custom", message });
  })
  .meta({
    description:
      "`whsec_` and Base64 of 24 to 64 bytes (HMAC-SHA256), or `whsk_` and Base64 of an ed25519 seed; answered masked",
  });

const Sign = strict({
  scheme: z.literal("standard-webhooks"),
  secret: SigningSecret.optional(),
  secrets: z.array(SigningSecret).min(1).max(MAX_SIGNING_SECRETS).optional(),
}).refine((sign) => (sign.secret === undefined) !== (sign.secrets === undefined), {
  error: "give either `secret` or `secrets`",
});

const HeaderRecord = z
  .record(z.string(), z.string().max(MAX_HEADER_VALUE_CHARS))
  .superRefine((headers, ctx) => {
    const names = Object.keys(headers);
    const refuse = (path: string[], message: string) =>
      ctx.addIssue({ code: "custom", path, message });
    if (names.length > MAX_CONFIG_HEADERS)
      refuse([], `has more than ${MAX_CONFIG_HEADERS} headers`);
    const seen = new Set<string>();
    for (const [name, value] of Object.entries(headers)) {
      const problem = headerProblem(name, value, seen);
      if (problem !== null) refuse([name], problem);
      seen.add(name.toLowerCase());
    }
  });

export const HttpConfig = strict({
  url: z.string().min(1).max(MAX_URL_CHARS),
  allowHttp: z
    .boolean()
    .default(false)
    .meta({ description: "Takes a `url` with `http://`: what is sent goes without TLS" }),
  method: z
    .enum(METHODS, { error: `use one of ${METHODS.join(", ")}` })
    .default("same")
    .meta({ description: "`same` keeps the captured method" }),
  appendPath: z
    .boolean()
    .default(false)
    .meta({ description: "Joins the captured path to the URL's, with one slash" }),
  headers: HeaderRecord.default({}),
  timeoutMs: z.number().int().min(MIN_TIMEOUT_MS).max(MAX_TIMEOUT_MS).default(DEFAULT_TIMEOUT_MS),
  forwardCredentials: z
    .boolean()
    .default(false)
    .meta({ description: "Hands over the sender's `authorization` and `cookie`" }),
  sign: Sign.optional(),
});
export type HttpConfig = z.infer<typeof HttpConfig>;

/** The secrets an `http` destination signs with; empty when it does not sign. */
export function signingSecrets(config: Pick<HttpConfig, "sign">): string[] {
  if (!config.sign) return [];
  return config.sign.secrets ?? (config.sign.secret === undefined ? [] : [config.sign.secret]);
}

function secretProblem(text: string): string | null {
  if (text.includes(MASK)) return MASK_REMEDY;
  const key = readSigningKey(text);
  if (key?.version === "v1a") return null;
  const size = key?.bytes.length ?? 0;
  return size >= MIN_SECRET_BYTES && size <= MAX_SECRET_BYTES ? null : SECRET_REMEDY;
}

function headerProblem(name: string, value: string, seen: Set<string>): string | null {
  const lower = name.toLowerCase();
  if (!isToken(name)) return "is no header name: use letters, digits and -";
  if (isReserved(lower)) return "is set by Baton or by the connection; remove it";
  if (seen.has(lower)) return "is given twice; names do not differ by case";
  if (value === MASK) return MASK_REMEDY;
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    return "a value holds no line breaks or control characters, and nothing beyond Latin-1";
  }
  return null;
}
