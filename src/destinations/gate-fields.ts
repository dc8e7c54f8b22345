import { z } from "zod";
import {
  DEFAULT_BREAKER_FAILURES,
  DEFAULT_COOLDOWN_SECONDS,
  MAX_BREAKER_FAILURES,
  MAX_CONCURRENCY,
  MAX_COOLDOWN_SECONDS,
  MAX_PER_SECOND,
  MIN_PER_SECOND,
} from "../gates/index.ts";
import { strict } from "../strict.ts";

const Rate = strict({
  perSecond: z.number().min(MIN_PER_SECOND).max(MAX_PER_SECOND).optional().meta({
    description: "Most calls in any sliding second at the receiver",
  }),
  concurrency: z.number().int().min(1).max(MAX_CONCURRENCY).optional().meta({
    description: "Most calls at a time",
  }),
}).refine(({ perSecond, concurrency }) => perSecond !== undefined || concurrency !== undefined, {
  error: "give `perSecond`, `concurrency` or both; null for no limit",
});

const ORDER_KEY = /^(?:json:.{1,200}|header:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}|sender)$/s;

const OrderKey = z.string().regex(ORDER_KEY, {
  error: "one of `json:<path>`, `header:<name>`, `sender`",
});

const Breaker = strict({
  failures: z.number().int().min(1).max(MAX_BREAKER_FAILURES).default(DEFAULT_BREAKER_FAILURES),
  cooldownSeconds: z
    .number()
    .int()
    .min(1)
    .max(MAX_COOLDOWN_SECONDS)
    .default(DEFAULT_COOLDOWN_SECONDS),
});

/** What a destination may ask of its gate. */
export const gateFields = {
  rate: Rate.nullish().meta({ description: "Absent or null: no limit" }),
  ordered: z.enum(["none", "key"]).optional().meta({
    description: "`key`: first in, first out per `orderKey`, kept through retries",
  }),
  orderKey: OrderKey.nullish().meta({
    description: "What `ordered: key` goes by; an event without a value is not ordered",
  }),
  breaker: Breaker.nullish().meta({
    description:
      "After `failures` failed attempts in a row nothing is sent for `cooldownSeconds`, then one attempt probes",
  }),
};

/** As the API answers it. */
export const shownGateFields = {
  rate: z
    .object({ perSecond: z.number().optional(), concurrency: z.number().optional() })
    .nullable(),
  ordered: z.enum(["none", "key"]),
  orderKey: z.string().nullable(),
  breaker: z.object({ failures: z.number(), cooldownSeconds: z.number() }).nullable(),
};
