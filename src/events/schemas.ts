import { z } from "zod";
import { isId } from "../ids.ts";
import { PageQuery } from "../pagination.ts";
import { Timestamp } from "../time.ts";
import { MAX_FILTER_CHARS } from "./constants.ts";
import { encodePath, globFault } from "./wildcard.ts";

export const EVENT_STATUSES = ["stored", "routed", "unmatched", "rejected", "muted"] as const;
export const EventStatus = z.enum(EVENT_STATUSES);

const wildcards =
  "`*` stands for any characters; with one elsewhere than at the end, 50 bytes at most";

function checkGlob(text: string, ctx: z.core.$RefinementCtx<string>) {
  const fault = globFault(text);
  if (fault) ctx.addIssue({ code: "custom", message: fault });
}

const Filter = z.string().min(1).max(MAX_FILTER_CHARS);

/** Filters of `GET /events`; `from` is inclusive, `to` exclusive. */
export const ListEvents = PageQuery.extend({
  sourceId: z
    .string()
    .refine((id) => isId("source", id), "is no source id, e.g. src_01k…")
    .optional(),
  from: Timestamp.optional().meta({ description: "Received at this time or later" }),
  to: Timestamp.optional().meta({ description: "Received before this time" }),
  method: z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}$/, "is no HTTP method, e.g. POST")
    .transform((method) => method.toUpperCase())
    .optional(),
  path: Filter.transform(encodePath)
    .superRefine(checkGlob)
    .optional()
    .meta({ description: `The whole path, without query; ${wildcards}` }),
  sender: Filter.superRefine(checkGlob)
    .optional()
    .meta({ description: `A sender's id or name; in the name ${wildcards}` }),
  identified: z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .optional()
    .meta({
      description:
        "`true`: from a registered sender, or signed by a provider; `false`: known by user agent and address only",
    }),
  status: EventStatus.optional(),
});
export type ListEvents = z.infer<typeof ListEvents>;

const Headers = z.array(z.tuple([z.string(), z.string()])).meta({
  description: "In the order received; values of credentials are masked",
});

export const EventSms = z
  .looseObject({
    kind: z.enum(["card", "bank", "otp", "other"]),
    sender: z
      .string()
      .nullable()
      .meta({ description: "The number it came from, as the phone says" }),
    text: z.string(),
  })
  .meta({ id: "EventSms" });
export type EventSms = z.infer<typeof EventSms>;

export const Event = z
  .object({
    id: z.string(),
    sourceId: z.string(),
    sender: z
      .object({
        id: z.string().nullable(),
        name: z.string(),
        identifiedBy: z.enum(["key", "match", "signature"]).nullable().meta({
          description:
            "`key`: its sender key; `match`: the address or user agent it is registered with; `signature`: a provider's; null: unidentified, the name is its user agent and address",
        }),
      })
      .meta({ description: "Who called; `id` when it is a registered sender" }),
    method: z.string(),
    host: z.string(),
    path: z.string(),
    query: z
      .string()
      .meta({ description: "Raw, without `?`; codes of a phone's message are masked" }),
    headers: Headers,
    contentType: z.string().nullable(),
    size: z.number().int().meta({ description: "Body length in bytes" }),
    sha256: z.string().meta({ description: "Of the body, lower-case hex" }),
    ip: z.string().nullable(),
    network: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .nullable()
      .meta({ description: "TLS and geography of the connection, as the platform tells them" }),
    receivedAt: z.string(),
    routedAt: z.string().nullable(),
    status: EventStatus,
    sms: EventSms.optional().meta({
      description:
        "What the message of a phone's event says, as rules see it; codes are masked. Of a single event only",
    }),
  })
  .meta({ id: "Event" });
export type Event = z.infer<typeof Event>;
