import { z } from "zod";
import { pageOf } from "../pagination.ts";
import { REASON_NAMES, SLOT_STATES } from "../session-pairs/index.ts";
import { strict } from "../strict.ts";
import {
  MAX_HEADER_CHARS,
  MAX_REQUEST_HEADERS,
  MAX_REQUEST_KEY_CHARS,
  MAX_REQUEST_URL_CHARS,
  WAIT_MS,
} from "./constants.ts";

const SlotName = z.enum(["A", "B"]);
const Count = z.number().int();
const Time = z.string().nullable();
const Logins = z.object({ hour: Count, day: Count });
const ReasonName = z.enum(REASON_NAMES);

const SlotStatus = z
  .object({
    slot: SlotName,
    sessionId: z.string().meta({ description: 'Another one with each login; "" before the first' }),
    state: z.enum(SLOT_STATES),
    readyAt: Time,
    lastProbeAt: Time,
    lastVerdict: z.enum(["in", "out", "inconclusive"]).nullable(),
  })
  .meta({ id: "PortalSlot" });

/** What `/relay/dual-session` answers. */
export const DualSession = z
  .object({
    running: z.boolean(),
    epoch: Count.meta({ description: "Rises whenever another slot becomes the primary" }),
    primary: SlotStatus.nullable(),
    backup: SlotStatus.nullable(),
  })
  .meta({ id: "DualSession" });
export type DualSession = z.infer<typeof DualSession>;

export const PairState = DualSession.extend({
  hold: z
    .object({
      reason: ReasonName,
      text: z.string(),
      since: z.string(),
      until: Time.meta({ description: "Null: until somebody calls `resume`" }),
      evidenceId: z.string().nullable(),
    })
    .nullable()
    .meta({ description: "Why no login is made now; null: nothing speaks against one" }),
  mode: z.enum(["pair", "warm_standby"]).meta({
    description: "`warm_standby`: the site allows one session per account",
  }),
  budget: Logins.meta({ description: "Logins that may still be made" }),
}).meta({ id: "PortalSessionPair" });
export type PairState = z.infer<typeof PairState>;

export const ActiveSession = z
  .object({ sessionId: z.string(), slot: SlotName, epoch: Count })
  .meta({ id: "ActiveSession" });
export type ActiveSession = z.infer<typeof ActiveSession>;

const Quantiles = z.object({ p50: z.number().nullable(), p95: z.number().nullable() });
export const Metrics = z
  .object({
    logins: z.record(z.string(), Count).meta({ description: "By result: `in`, or the reason" }),
    readyMs: Quantiles.meta({ description: "From the start of a login until it was ready" }),
    smsMs: Quantiles.meta({ description: "From when the site was asked until the SMS was here" }),
    claims: Count,
    claimConflicts: Count,
    failovers: Count,
    requests: Count,
    requestsFailedByAuth: Count,
    browserSecondsToday: z.number(),
    budget: Logins,
  })
  .meta({ id: "PortalMetrics" });

const AuditEntry = z
  .object({
    id: Count,
    at: z.string(),
    what: z.string(),
    slot: SlotName.nullable(),
    fields: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  })
  .meta({ id: "PortalAuditEntry" });
export const Audit = pageOf(AuditEntry);
export type Audit = z.infer<typeof Audit>;

export const ShownEvidence = z
  .object({
    id: z.string(),
    at: z.string(),
    reason: ReasonName,
    text: z.string(),
    url: z.string().meta({ description: "Of the page, without its query" }),
    steps: z.array(z.object({ step: z.string(), ms: z.number(), ok: z.boolean() })),
    screenshotUrl: z.string().nullable().meta({
      description: "A JPEG with every input masked; null: the browser was gone",
    }),
  })
  .meta({ id: "PortalEvidence" });
export type ShownEvidence = z.infer<typeof ShownEvidence>;

export const PortalRequest = strict({
  method: z.enum(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]),
  url: z.string().min(1).max(MAX_REQUEST_URL_CHARS).optional().meta({
    description: "Whole, on one of the portal's origins; or `path`",
  }),
  path: z.string().min(1).max(MAX_REQUEST_URL_CHARS).optional().meta({
    description: "Below the portal's base URL",
  }),
  headers: z
    .record(
      z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, "is no header name"),
      z
        .string()
        .max(MAX_HEADER_CHARS)
        .regex(/^[\t\x20-\x7e]*$/, "has a character that no header can have"),
    )
    .refine(
      (headers) => Object.keys(headers).length <= MAX_REQUEST_HEADERS,
      `has more than ${MAX_REQUEST_HEADERS} headers`,
    )
    .optional(),
  body: z.string().optional(),
  bodyBase64: z.base64().optional(),
  waitMs: z
    .number()
    .int()
    .min(0)
    .max(WAIT_MS.max)
    .optional()
    .meta({
      description: `How long to wait for a session that is being made; ${WAIT_MS.default} when left out`,
    }),
  idempotencyKey: z
    .string()
    .regex(
      new RegExp(`^[\\x21-\\x7e]{1,${MAX_REQUEST_KEY_CHARS}}$`),
      "use 1 to 255 ASCII characters",
    )
    .optional()
    .meta({
      description:
        "Sent along as `idempotency-key`: a request that is not safe may then be tried again by the backup",
    }),
}).meta({ id: "PortalRequest" });
export type PortalRequest = z.infer<typeof PortalRequest>;

export const PortalAnswer = z
  .object({
    status: Count,
    headers: z.record(z.string(), z.string()).meta({
      description: "Names in lower case; without cookies and what describes the transfer",
    }),
    body: z.string().optional().meta({ description: "A text" }),
    bodyBase64: z.string().optional().meta({ description: "Anything else" }),
    servedBy: z.object({ slot: SlotName, epoch: Count }),
  })
  .meta({ id: "PortalAnswer" });
export type PortalAnswer = z.infer<typeof PortalAnswer>;
