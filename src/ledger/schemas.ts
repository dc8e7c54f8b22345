import { z } from "zod";
import { isId } from "../ids.ts";
import { Timestamp } from "../time.ts";
import { MAX_CARD_FILTER_CHARS } from "./constants.ts";

/** Of `GET /sms/ledger`; `from` is inclusive, `to` exclusive. */
export const ReadLedger = z
  .strictObject({
    sourceId: z
      .string()
      .refine((id) => isId("source", id), "is no source id, e.g. src_01k…")
      .optional()
      .meta({ description: "Absent: all sources" }),
    from: Timestamp.optional().meta({
      description: "Received at this time or later; absent: since the month began in Seoul",
    }),
    to: Timestamp.optional().meta({ description: "Received before this time" }),
    card: z
      .string()
      .min(1)
      .max(MAX_CARD_FILTER_CHARS)
      .optional()
      .meta({ description: "A card's digits or mask, or a part of its issuer's name" }),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ["from"],
    error: "is not before `to`; swap the two",
  });
export type ReadLedger = z.infer<typeof ReadLedger>;

const Amount = z
  .union([z.number(), z.string()])
  .meta({ description: "A whole number of won; a decimal text in another currency" });

const Card = z.object({
  issuer: z.string().nullable(),
  id: z.string().nullable().meta({ description: "Its last digits or mask, as the alert has it" }),
});

export const LedgerEntry = z
  .object({
    occurredAt: z
      .string()
      .nullable()
      .meta({ description: "On Seoul's clock, as the alert states it" }),
    receivedAt: z.string(),
    card: Card,
    holder: z.string().nullable(),
    merchant: z.string().nullable(),
    amount: Amount.meta({ description: "Never negative: `event` has the direction" }),
    currency: z.string(),
    event: z.enum(["approved", "cancelled", "declined"]),
    installmentMonths: z.number().int().nullable().meta({ description: "0: paid at once" }),
    balance: z.number().nullable().meta({ description: "What is left, where the alert says so" }),
    cumulative: z.number().nullable().meta({ description: "What was used, where it says so" }),
    eventId: z.string(),
    possibleDuplicateOf: z.string().nullable().meta({
      description: "An earlier event with the same text within 10 minutes; both are counted",
    }),
  })
  .meta({ id: "LedgerEntry" });
export type LedgerEntry = z.infer<typeof LedgerEntry>;

export const LedgerTotal = z
  .object({
    card: Card,
    month: z.string().meta({ description: "`2026-02`, in Seoul" }),
    currency: z.string(),
    amount: Amount.meta({ description: "Approved minus cancelled; declined is not counted" }),
    approved: Amount,
    cancelled: Amount,
    count: z.number().int().meta({ description: "Approved and cancelled entries" }),
    balance: z.number().nullable().meta({ description: "The latest one that an alert states" }),
    cumulative: z.number().nullable().meta({ description: "The latest one that an alert states" }),
  })
  .meta({ id: "LedgerTotal" });
export type LedgerTotal = z.infer<typeof LedgerTotal>;

export const Ledger = z
  .object({
    from: z.string(),
    to: z.string().nullable(),
    entries: z
      .array(LedgerEntry)
      .meta({ description: "Newest first; what arrived late stands in its place" }),
    totals: z.array(LedgerTotal).meta({ description: "Per card, month and currency" }),
    truncated: z.boolean().meta({ description: "There are more events than one ledger reads" }),
    since: z.string().nullable().meta({
      description: "When truncated: from here on it is complete. Ask for the time before by `to`",
    }),
  })
  .meta({ id: "Ledger" });
export type Ledger = z.infer<typeof Ledger>;
