import { z } from "zod";
import { isReservedHeader, REASONS } from "../destinations/index.ts";
import { type IdKind, isId } from "../ids.ts";
import { PageQuery } from "../pagination.ts";
import { Timestamp } from "../time.ts";
import { MAX_GROUPED_DELIVERIES } from "./constants.ts";

export const DELIVERY_STATUSES = [
  "pending",
  "delivering",
  "succeeded",
  "retrying",
  "failed",
  "cancelled",
] as const;

/** `none`: the service has taken nothing on. */
const RECEIPT_STATUSES = [
  "none",
  "pending",
  "delivered",
  "partly_delivered",
  "failed",
  "unknown",
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
  groupBy: z
    .enum(["reason"])
    .optional()
    .meta({ description: "With `status=failed`: groups by cause instead of a list" }),
})
  .refine(({ groupBy, status }) => groupBy === undefined || status === "failed", {
    path: ["groupBy"],
    error: "goes with `status=failed` only",
  })
  .refine(({ groupBy, cursor }) => groupBy === undefined || cursor === undefined, {
    path: ["cursor"],
    error: "does not go with `groupBy`; narrow the time by `from` and `to`",
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
    receiptStatus: z.enum(RECEIPT_STATUSES).nullable().meta({
      description:
        "What became of it after the destination took it, where its service tells later (`sens_sms`); `succeeded` means taken",
    }),
  })
  .meta({ id: "DeliverySummary" });
export type DeliverySummary = z.infer<typeof DeliverySummary>;

/** `GET /deliveries?status=failed&groupBy=reason`. */
export const FailureGroups = z
  .object({
    groups: z.array(
      z.object({
        reason: z.string().meta({
          description: "Why it failed; of an exhausted delivery, why its last try failed",
        }),
        destinationId: z.string(),
        count: z.number().int(),
        exhausted: z.number().int().meta({
          description: "How many of them have used up their schedule",
        }),
        lastAt: z.string().meta({ description: "When the latest of them failed" }),
        exampleDeliveryId: z.string().meta({ description: "The latest of them" }),
      }),
    ),
    truncated: z.boolean().meta({
      description: `True: there are more groups than \`limit\`, or more than the ${MAX_GROUPED_DELIVERIES.toLocaleString("en-US")} newest failed deliveries in an event database, which are looked at`,
    }),
    since: z.string().nullable().meta({
      description:
        "How far back all of them were looked at, when there were too many; go on with `to`",
    }),
  })
  .meta({ id: "FailureGroups", description: "Failed deliveries by cause, largest group first" });
export type FailureGroups = z.infer<typeof FailureGroups>;

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
    reason: z.enum(REASONS).optional().meta({ description: "Why it did not succeed" }),
    detail: z.string().optional().meta({
      description:
        "Why there was no call or no answer: which step of the transform failed, or what a listener says",
    }),
    request: z
      .object({ method: z.string(), url: z.string(), headers: Headers, ...shownBody })
      .optional(),
    response: z
      .object({ status: z.number().int(), headers: Headers, truncated: z.boolean(), ...shownBody })
      .optional(),
  })
  .meta({ id: "Attempt" });
export type Attempt = z.infer<typeof Attempt>;

/** What a service has taken on, and what it says became of it. */
export const Receipt = z
  .object({
    status: z.enum(RECEIPT_STATUSES),
    requestIds: z.array(z.string()).meta({ description: "The service's own ids" }),
    messages: z.array(
      z.object({
        to: z.string().meta({ description: "The recipient; the last four digits are shown" }),
        requestId: z.string(),
        status: z.enum(["pending", "delivered", "failed", "unknown"]),
        statusCode: z.string().nullable(),
        statusName: z.string().nullable(),
        statusMessage: z.string().nullable().meta({ description: "In the service's words" }),
        completedAt: z.string().nullable(),
      }),
    ),
    checkedAt: z.string().nullable().meta({ description: "When the service was asked last" }),
    nextCheckAt: z.string().nullable().meta({ description: "Null: it is not asked again" }),
    problem: z.string().nullable().meta({ description: "Why nothing was sent, in words" }),
  })
  .meta({ id: "Receipt" });

export const Delivery = DeliverySummary.extend({
  attempts: z.array(Attempt),
  receipt: Receipt.nullable().meta({
    description: "Null where the destination tells nothing later",
  }),
}).meta({ id: "Delivery" });
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
