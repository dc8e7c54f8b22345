import { z } from "zod";
import { MIN_TIMEOUT_MS } from "../destinations/index.ts";
import { type IdKind, isId } from "../ids.ts";
import { Match } from "../rules/schemas.ts";
import { Timestamp } from "../time.ts";
import {
  DEFAULT_LISTEN_TIMEOUT_MS,
  MAX_ANSWER_CHARS,
  MAX_ANSWER_HEADERS,
  MAX_DETAIL_CHARS,
  MAX_LISTEN_TIMEOUT_MS,
  MAX_LISTEN_URL_CHARS,
} from "./constants.ts";
import { DeliverySummary } from "./schemas.ts";

const idOf = (kind: IdKind) =>
  z.string().refine((id) => isId(kind, id), { error: `is no ${kind} id` });

const timeoutMs = z
  .number()
  .int()
  .min(MIN_TIMEOUT_MS)
  .max(MAX_LISTEN_TIMEOUT_MS)
  .default(DEFAULT_LISTEN_TIMEOUT_MS)
  .meta({ description: "How long the local call may take; the claim holds 30 s longer" });

/** `POST /deliveries`. */
export const TakeEvent = z
  .strictObject({
    eventId: z.string().max(100),
    destinationId: idOf("destination").meta({ description: "Of kind `listen`" }),
    match: Match.optional().meta({ description: "Take it only when a rule with it would match" }),
    timeoutMs,
  })
  .meta({ id: "TakeEvent" });
export type TakeEvent = z.infer<typeof TakeEvent>;

/** `POST /deliveries/{id}/claim`. */
export const TakeRetry = z.strictObject({ timeoutMs }).meta({ id: "TakeRetry" });
export type TakeRetry = z.infer<typeof TakeRetry>;

const Headers = z.array(z.tuple([z.string(), z.string()]));

/** What is to be sent: the same as an `http` destination would send. */
export const ListenerRequest = z
  .object({
    method: z.string(),
    path: z.string(),
    query: z.string().meta({ description: "Raw, without `?`" }),
    headers: Headers,
    body: z.string().optional().meta({ description: "The body, when it is UTF-8" }),
    bodyBase64: z.string().optional().meta({ description: "Instead of `body`, for other bytes" }),
    bodyUrl: z.string().optional().meta({
      description: "Instead of both, of a large body: where its bytes are, on this host",
    }),
  })
  .meta({ id: "ListenerRequest" });
export type ListenerRequest = z.infer<typeof ListenerRequest>;

export const Taken = z
  .object({
    claimed: z.literal(true),
    leaseId: z.string().meta({ description: "Goes with the outcome" }),
    leaseUntil: z.string().meta({
      description: "Without an outcome by then the attempt counts as interrupted",
    }),
    delivery: DeliverySummary,
    request: ListenerRequest,
  })
  .meta({ id: "Taken" });
export type Taken = z.infer<typeof Taken>;

export const NotTaken = z
  .object({
    claimed: z.literal(false),
    reason: z.enum(["not_matched", "exists", "rejected", "muted"]).meta({
      description:
        "`exists`: it was taken before; `rejected`, `muted`: such events are handed on to nobody",
    }),
    delivery: DeliverySummary.optional().meta({ description: "The one that exists" }),
  })
  .meta({ id: "NotTaken" });
export type NotTaken = z.infer<typeof NotTaken>;

const tried = {
  leaseId: z.string().max(100),
  startedAt: Timestamp.optional().meta({ description: "Absent: when it was claimed" }),
  durationMs: z
    .number()
    .int()
    .min(0)
    .max(MAX_LISTEN_TIMEOUT_MS * 2),
  url: z
    .string()
    .max(MAX_LISTEN_URL_CHARS)
    .regex(/^https?:\/\//, "a URL with http:// or https://")
    .optional()
    .meta({ description: "What was called; for the record" }),
};

const Answer = z.strictObject({
  status: z.number().int().min(100).max(599),
  headers: Headers.max(MAX_ANSWER_HEADERS).default([]),
  body: z.string().max(MAX_ANSWER_CHARS).optional(),
  bodyBase64: z.base64({ error: "is not Base64" }).max(MAX_ANSWER_CHARS).optional(),
  truncated: z.boolean().default(false).meta({ description: "There was more of it" }),
});

const NoAnswer = z.strictObject({
  reason: z.enum([
    "connection_refused",
    "connection_failed",
    "timeout",
    "unsendable_request",
    "body_missing",
  ]),
  detail: z.string().max(MAX_DETAIL_CHARS).optional().meta({
    description: "In a line, without secrets, e.g. `ECONNREFUSED 127.0.0.1:3000`",
  }),
});

/** `POST /deliveries/{id}/outcome`. */
export const RecordAnswer = z
  .union([
    z.strictObject({ ...tried, response: Answer }),
    z.strictObject({ ...tried, error: NoAnswer }),
  ])
  .meta({ id: "RecordAnswer", description: "The local answer, or why there was none" });
export type RecordAnswer = z.infer<typeof RecordAnswer>;
