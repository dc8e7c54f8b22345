import { z } from "zod";
import { isId } from "../ids.ts";
import { readNetwork } from "../ip-address.ts";
import { nameOf } from "../name.ts";
import { PhoneNumber } from "../phone-number.ts";
import { SENDER_KEY_PREFIX } from "../sender-key.ts";
import { Timestamp } from "../time.ts";
import {
  MAX_COUNTED_EVENTS,
  MAX_COUNTED_SENDERS,
  MAX_NETWORK_CHARS,
  MAX_OWN_KEY_CHARS,
  MAX_SENDER_IPS,
  MAX_SENDER_NAME_CHARS,
  MAX_USER_AGENT_CHARS,
  MIN_OWN_KEY_CHARS,
} from "./constants.ts";

const Name = nameOf(MAX_SENDER_NAME_CHARS)
  .refine((name) => !isId("sender", name), "is a sender's id; write a name")
  .meta({ description: "Unique in its source; rules and filters go by it" });

const Network = z
  .string()
  .max(MAX_NETWORK_CHARS)
  .refine(
    (text) => readNetwork(text) !== null,
    "is no address or network; write e.g. 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32",
  );

/** What a sender without a key is known by. */
export const SenderMatch = z
  .strictObject({
    ips: z
      .array(Network)
      .min(1, "is empty; list an address, or leave it out")
      .max(MAX_SENDER_IPS)
      .meta({ description: "Addresses and networks; one of them must hold" })
      .optional(),
    userAgent: z
      .string()
      .max(MAX_USER_AGENT_CHARS)
      .regex(/^[^\p{Cc}\p{Cs}]*$/u, "has a control character; remove it")
      .regex(/\S/, "is blank; write a part of the user agent, or leave it out")
      .meta({ description: "Text that the user agent contains, e.g. `okhttp/`" })
      .optional(),
  })
  .refine(({ ips, userAgent }) => ips !== undefined || userAgent !== undefined, {
    error: "is empty; give `ips`, `userAgent` or both, or leave it out",
  })
  .meta({
    id: "SenderMatch",
    description: "Marks of a sender that sends no key; all that are given must hold",
  });
export type SenderMatch = z.infer<typeof SenderMatch>;

const SenderState = z.enum(["active", "muted", "blocked"]).meta({
  description: "`muted`: stored and not delivered; `blocked`: 401, nothing stored, counted",
});

const OwnKey = z
  .string()
  .min(MIN_OWN_KEY_CHARS)
  .max(MAX_OWN_KEY_CHARS)
  .regex(/^[A-Za-z0-9._~-]*$/, "use letters, digits and `.` `_` `~` `-`, which every URL can hold")
  .refine(
    (key) => !key.startsWith(SENDER_KEY_PREFIX),
    `starts with \`${SENDER_KEY_PREFIX}\` like the keys that Baton makes; leave it out to get one`,
  )
  .meta({ description: "A key that the sender has already; left out, one is made" });

const MaybeMatch = SenderMatch.nullable().meta({
  description: "How it is known without its key; null or absent: not at all",
});

const MaybePhone = PhoneNumber.nullable().meta({
  description:
    "The phone whose SMS it forwards: login codes among them are for portals with this phone. Null or absent: the default phone",
});

export const CreateSender = z
  .strictObject({
    name: Name,
    match: MaybeMatch.optional(),
    phone: MaybePhone.optional(),
    state: SenderState.default("active"),
    key: OwnKey.optional(),
  })
  .meta({ id: "CreateSender" });
export type CreateSender = z.infer<typeof CreateSender>;

/** What is left out stays as it is; `match` is replaced as a whole. */
export const UpdateSender = z
  .strictObject({
    name: Name.optional(),
    match: MaybeMatch.optional(),
    phone: MaybePhone.optional(),
    state: SenderState.optional(),
  })
  .meta({ id: "UpdateSender" });
export type UpdateSender = z.infer<typeof UpdateSender>;

export const Sender = z
  .object({
    id: z.string(),
    sourceId: z.string(),
    name: z.string(),
    keyHint: z.string().meta({
      description: "The key's last four characters; empty for a short key of its own",
    }),
    match: SenderMatch.nullable(),
    phone: z.string().nullable().meta({ description: "As it is dialled" }),
    state: SenderState,
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: "Sender" });
export type Sender = z.infer<typeof Sender>;

/** The answer to a creation: the only time the key is shown. */
export const CreatedSender = Sender.extend({
  key: z.string(),
  url: z.string().meta({ description: "The source's URL with the key in it" }),
  smsUrl: z
    .string()
    .optional()
    .meta({ description: "Of a `phone` source: where an app that forwards SMS sends to" }),
}).meta({ id: "CreatedSender" });
export type CreatedSender = z.infer<typeof CreatedSender>;

/** Filters of the counts; `from` is inclusive, `to` exclusive. */
export const CountSenders = z
  .strictObject({
    from: Timestamp.optional().meta({ description: "24 h before `to` when left out" }),
    to: Timestamp.optional().meta({ description: "Now when left out" }),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ["to"],
    error: "is not after `from`",
  });
export type CountSenders = z.infer<typeof CountSenders>;

const SenderCount = z
  .object({
    sender: z.object({
      id: z.string().nullable(),
      name: z.string(),
      identifiedBy: z.enum(["key", "match", "signature"]).nullable().meta({
        description:
          "Of its latest event. Null without an `id`: unidentified, the name is its user agent and address",
      }),
    }),
    state: SenderState.nullable().meta({ description: "Null: not registered, or deleted" }),
    events: z.number().int().meta({ description: "Stored events of the time, of any status" }),
    muted: z.number().int().meta({ description: "Of these, stored while the sender was muted" }),
    rejected: z.number().int().meta({ description: "Of these, failed verification" }),
    blocked: z.number().int().meta({
      description:
        "Requests that were refused because the sender is blocked, on the UTC days that the time touches; kept 30 days",
    }),
    lastAt: z.string().nullable(),
    suggestion: z.object({ name: z.string(), match: SenderMatch }).nullable().meta({
      description: "Of an unidentified one: post it to `…/senders` to register it",
    }),
  })
  .meta({ id: "SenderCount" });
export type SenderCount = z.infer<typeof SenderCount>;

export const SenderCounts = z
  .object({
    data: z.array(SenderCount).meta({ description: "Most events first" }),
    from: z.string(),
    to: z.string(),
    truncated: z.boolean().meta({
      description: `True: more than the ${MAX_COUNTED_EVENTS.toLocaleString("en-US")} newest events in the source's database fall into the time, or more than ${MAX_COUNTED_SENDERS} senders`,
    }),
    since: z
      .string()
      .nullable()
      .meta({ description: "How far back events were looked at, when there were too many" }),
  })
  .meta({ id: "SenderCounts" });
export type SenderCounts = z.infer<typeof SenderCounts>;
