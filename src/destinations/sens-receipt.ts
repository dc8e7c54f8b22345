import { z } from "zod";
import { maskNumber } from "../phone-number.ts";
import type { Receipt } from "./receipt.ts";

/** One recipient that SENS has taken on. */
const Taken = z.object({
  to: z.string(),
  requestId: z.string(),
  status: z.enum(["pending", "delivered", "failed", "unknown"]),
  statusCode: z.string().nullish(),
  statusName: z.string().nullish(),
  statusMessage: z.string().nullish(),
  completedAt: z.string().nullish(),
});
export type Taken = z.infer<typeof Taken>;

/** `deliveries.receipt` of this kind. */
const SensReceipt = z.object({
  kind: z.literal("sens_sms"),
  status: z.enum(["none", "pending", "delivered", "partly_delivered", "failed", "unknown"]),
  /** Every request that was this delivery's, also one whose recipients were sent to again. */
  requestIds: z.array(z.string()),
  messages: z.array(Taken),
  /** Number of the latest try whose end is known by now. */
  settled: z.number(),
  /** Recipients of a call whose end is unknown; the daily cap has counted them. */
  counted: z.object({ day: z.string(), recipients: z.number() }).nullish(),
  /** How often SENS was asked what became of them. */
  checks: z.number(),
  checkedAt: z.number().nullable(),
  problem: z.string().nullish(),
});
export type SensReceipt = z.infer<typeof SensReceipt>;

const NOTHING: SensReceipt = {
  kind: "sens_sms",
  status: "none",
  requestIds: [],
  messages: [],
  settled: 0,
  checks: 0,
  checkedAt: null,
};

/** What a delivery has of SENS. Throws on what we have not written: to send twice is worse than to stop. */
export function readReceipt(stored: unknown): SensReceipt {
  return stored === null || stored === undefined ? NOTHING : SensReceipt.parse(stored);
}

/** A receipt with recipients that a request has taken on; they replace what is known of their numbers. */
export function withTaken(
  receipt: SensReceipt,
  requestId: string,
  numbers: readonly string[],
): SensReceipt {
  const renewed = new Set(numbers);
  const messages = [
    ...receipt.messages.filter(({ to }) => !renewed.has(to)),
    ...numbers.map((to): Taken => ({ to, requestId, status: "pending" })),
  ];
  return withStatus({
    ...receipt,
    requestIds: [...new Set([...receipt.requestIds, requestId])],
    messages,
    checks: 0,
  });
}

/** The whole's status from its messages'. */
export function withStatus(receipt: SensReceipt): SensReceipt {
  return { ...receipt, status: overall(receipt.messages) };
}

function overall(messages: readonly Taken[]): SensReceipt["status"] {
  const has = (status: Taken["status"]) => messages.some((message) => message.status === status);
  if (messages.length === 0) return "none";
  if (has("pending")) return "pending";
  if (has("delivered")) return has("failed") || has("unknown") ? "partly_delivered" : "delivered";
  return has("failed") ? "failed" : "unknown";
}

/** As the API shows it: the last digits of a number tell recipients apart. */
export function showSens(stored: unknown): Receipt {
  const { status, requestIds, messages, checkedAt, problem } = readReceipt(stored);
  return {
    status,
    requestIds,
    messages: messages.map((message) => ({
      to: maskNumber(message.to),
      requestId: message.requestId,
      status: message.status,
      statusCode: message.statusCode ?? null,
      statusName: message.statusName ?? null,
      statusMessage: message.statusMessage ?? null,
      completedAt: message.completedAt ?? null,
    })),
    checkedAt,
    problem: problem ?? null,
  };
}
