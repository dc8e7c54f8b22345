import { z } from "zod";
import { strict } from "../strict.ts";
import {
  BUDGET,
  HEALTH_EVERY_SECONDS,
  MAX_ORIGINS,
  MAX_RULES,
  MAX_URL_CHARS,
  MAX_VALUES,
  SMS_TIMEOUT_MS,
  STEP_TIMEOUT_MS,
} from "./constants.ts";
import {
  Header,
  Looks,
  Marker,
  Refusal,
  SessionValue,
  SiteRequest,
  Steps,
  Text,
} from "./definition-parts.ts";

/** How Baton logs in to a web site, and knows whether it is logged in. */
export const PortalDefinition = strict({
  origins: z.array(z.string().min(1).max(MAX_URL_CHARS)).min(1).max(MAX_ORIGINS).meta({
    description: "Origins that the login and requests may go to; `{base}` for the portal's own",
  }),
  login: strict({
    steps: Steps,
    code: strict({
      asked: Marker.meta({ description: "The page asks for a code" }),
      steps: Steps.meta({ description: "Types `{code}` and sends it" }),
      resend: Steps.optional().meta({ description: "Asks for another SMS" }),
    })
      .nullish()
      .meta({ description: "Null or absent: the site asks for no code" }),
    success: Marker,
    form: Marker.meta({ description: "The login form is shown: nobody is logged in" }),
    refusals: z
      .array(strict({ when: Marker, reason: Refusal }))
      .max(MAX_RULES)
      .default([]),
  }),
  health: strict({
    ...SiteRequest,
    everySeconds: z
      .number()
      .int()
      .min(HEALTH_EVERY_SECONDS.min)
      .max(HEALTH_EVERY_SECONDS.max)
      .default(HEALTH_EVERY_SECONDS.default),
  }),
  verdicts: strict({
    in: z
      .array(Looks)
      .min(1)
      .max(MAX_RULES)
      .meta({ description: "The answer of the health request shows a logged-in session" }),
    out: z.array(Looks).min(1).max(MAX_RULES).meta({
      description:
        "An answer shows that the session is over; looked at first. Everything else is inconclusive",
    }),
  }),
  logout: strict(SiteRequest).nullish(),
  transport: z.enum(["http", "page"]).default("http").meta({
    description:
      "`http`: fetch with the session's cookies; `page`: fetch inside a page of the site",
  }),
  values: z
    .record(z.string().regex(/^[a-z][A-Za-z0-9_]{0,39}$/), SessionValue)
    .default({})
    .refine(
      (values) => Object.keys(values).length <= MAX_VALUES,
      `has more than ${MAX_VALUES} values`,
    ),
  headers: Header.default({}).meta({
    description: "Sent with every request, `{value.<name>}` filled in",
  }),
  sms: strict({
    senders: z
      .array(z.string().min(3).max(20))
      .max(20)
      .default([])
      .meta({ description: "Numbers that the site's SMS come from" }),
    pattern: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .meta({ description: "RE2; its group `code`, or the first one" }),
    timeoutMs: z
      .number()
      .int()
      .min(SMS_TIMEOUT_MS.min)
      .max(SMS_TIMEOUT_MS.max)
      .default(SMS_TIMEOUT_MS.default),
  }).prefault({}),
  session: strict({
    lifeSeconds: z
      .number()
      .int()
      .min(60)
      .max(365 * 86_400)
      .nullish()
      .meta({ description: "How long the site keeps a session, when it is known" }),
    onePerAccount: z.enum(["auto", "yes", "no"]).default("auto").meta({
      description: "Whether a login ends the account's other session; `auto`: it is found out",
    }),
    deviceCookies: z.array(Text).max(20).default([]).meta({
      description:
        "Names of cookies by which the site knows a device; the next login brings them along",
    }),
  }).prefault({}),
  stepTimeoutMs: z
    .number()
    .int()
    .min(STEP_TIMEOUT_MS.min)
    .max(STEP_TIMEOUT_MS.max)
    .default(STEP_TIMEOUT_MS.default),
  budget: strict({
    perHour: z.number().int().min(1).max(BUDGET.perHour.max).default(BUDGET.perHour.default),
    perDay: z.number().int().min(1).max(BUDGET.perDay.max).default(BUDGET.perDay.default),
  }).prefault({}),
}).meta({ id: "PortalDefinition" });
export type PortalDefinition = z.infer<typeof PortalDefinition>;
