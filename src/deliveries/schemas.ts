import { z } from "zod";
import { isReservedHeader } from "../destinations/index.ts";
import { type IdKind, isId } from "../ids.ts";
import { PageQuery } from "../pagination.ts";
import { Timestamp } from "../time.ts";

export const DELIVERY_STATUSES = [
  "pending",
  "delivering",
  "succeeded",
  "retrying",
  "failed",
  "cancelled",
] as const;

const idOf = (kind: IdKind) =>
  z.string().refine((id) => isId(kind, id), { error: `is no ${kind} id` });

/** Filters of `GET /deliveries`. */
export const ListDeliveries = PageQuery.extend({
  eventId: idOf("event").optional(),
  sourceId: idOf("source").optional(),
  destinationId: idOf("destination").optional(),
  status: z.enum(DELIVERY_STATUSES).optional(),
  from: Timestamp.optional(),
  to: Timestamp.optional(),
});
export type ListDeliveries = z.infer<typeof ListDeliveries>;

export const DeliverySummary = z
  .object({
    id: z.string(),
    eventId: z.string(),
    sourceId: z.string(),
    ruleId: z.string().nullable(),
    destinationId: z.string(),
    status: z.enum(DELIVERY_STATUSES),
    /** Why it ended, or why its latest try failed. */
    reason: z.string().nullable(),
    /** Number of the latest try. */
    attemptCount: z.number().int(),
    responseStatus: z.number().int().nullable(),
    createdAt: z.string(),
    nextAttemptAt: z.string().nullable(),
  })
  .meta({ id: "DeliverySummary" });
export type DeliverySummary = z.infer<typeof DeliverySummary>;

const Headers = z.array(z.tuple([z.string(), z.string()]));
/** A body as text; `bodyBase64` instead when it is not UTF-8. Cut at 256 KiB. */
const shownBody = {
  body: z.string().nullable(),
  bodyBase64: z.string().optional(),
};

export const Attempt = z
  .object({
    id: z.string(),
    number: z.number().int(),
    startedAt: z.string(),
    durationMs: z.number().int().nullable(),
    outcome: z.enum(["succeeded", "failed", "interrupted"]).nullable(),
    reason: z.string().optional(),
    request: z
      .object({ method: z.string(), url: z.string(), headers: Headers, ...shownBody })
      .optional(),
    response: z
      .object({ status: z.number().int(), headers: Headers, truncated: z.boolean(), ...shownBody })
      .optional(),
  })
  .meta({ id: "Attempt" });
export type Attempt = z.infer<typeof Attempt>;

export const Delivery = DeliverySummary.extend({ attempts: z.array(Attempt) }).meta({
  id: "Delivery",
});
export type Delivery = z.infer<typeof Delivery>;

/** Longest edited body, in characters: the row that keeps it may have 2 MB. */
export const MAX_EDIT_BODY_CHARS = 256 * 1024;

/** Most headers that a replay changes, and the longest value in characters. */
export const MAX_EDIT_HEADERS = 50;
export const MAX_EDIT_HEADER_CHARS = 1024;

export const ReplayEvent = z
  .strictObject({
    ruleId: z.string().optional(),
    destinationId: z.string().optional(),
    edit: z
      .strictObject({
        headers: z
          .record(
            z.string().regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/i, "not a header name"),
            z
              .string()
              .max(MAX_EDIT_HEADER_CHARS)
              .regex(/^[\t\x20-\x7e\x80-\xff]*$/, "not a header value"),
          )
          .superRefine((headers, ctx) => {
            for (const name of Object.keys(headers)) {
              if (!isReservedHeader(name.toLowerCase())) continue;
              const message = "is set by Baton or the platform; leave it out";
              ctx.addIssue({ code: "custom", path: [name], message });
            }
          })
          .refine((headers) => Object.keys(headers).length <= MAX_EDIT_HEADERS, {
            error: `at most ${MAX_EDIT_HEADERS} headers can be changed`,
          })
          .optional(),
        body: z.string().max(MAX_EDIT_BODY_CHARS).optional(),
      })
      .optional(),
  })
  .meta({ id: "ReplayEvent" });
export type ReplayEvent = z.infer<typeof ReplayEvent>;

export const Replayed = z.object({ deliveries: z.array(DeliverySummary) });
export type Replayed = z.infer<typeof Replayed>;
