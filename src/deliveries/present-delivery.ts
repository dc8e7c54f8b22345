import { toBase64 } from "../crypto.ts";
import type { attempts, deliveries } from "../db/schema/events.ts";
import { type Reason, type Receipt, showReceipt } from "../destinations/index.ts";
import { maskedBody } from "../sms/index.ts";
import { toRfc3339 } from "../time.ts";
import { MAX_SHOWN_BODY_BYTES } from "./constants.ts";
import { contentTypeOf, type Mask, maskUrl } from "./mask-copies.ts";
import type { Attempt, Delivery, DeliverySummary } from "./schemas.ts";
import { listenerDueAt } from "./waiting-columns.ts";

type Row = typeof deliveries.$inferSelect;
export type AttemptRow = Omit<typeof attempts.$inferSelect, "deliveryId" | "outcome"> & {
  outcome: typeof attempts.$inferSelect.outcome | null;
};
type Bytes = Uint8Array<ArrayBuffer>;

/** The columns a summary needs. */
export type SummaryRow = Pick<
  Row,
  | "id"
  | "eventId"
  | "sourceId"
  | "ruleId"
  | "destinationId"
  | "status"
  | "endReason"
  | "reason"
  | "attempt"
  | "response"
  | "createdAt"
  | "nextAttemptAt"
> & { receipt?: unknown };

export function presentSummary(row: SummaryRow): DeliverySummary {
  const dueAt = row.nextAttemptAt ?? listenerDueAt(row);
  return {
    id: row.id,
    eventId: row.eventId,
    sourceId: row.sourceId,
    ruleId: row.ruleId,
    destinationId: row.destinationId,
    status: row.status,
    reason: row.endReason ?? row.reason,
    attemptCount: row.attempt,
    responseStatus: row.response?.status ?? null,
    createdAt: toRfc3339(row.createdAt),
    nextAttemptAt: dueAt === null ? null : toRfc3339(dueAt),
    receiptStatus: (row.receipt as Pick<Receipt, "status"> | null | undefined)?.status ?? null,
  };
}

/** What the destination has taken on. Kinds that tell nothing later have no receipt. */
export function presentReceipt(row: Pick<Row, "receipt" | "receiptDueAt">): Delivery["receipt"] {
  const receipt = showReceipt(row.receipt);
  if (receipt === null) return null;
  const { checkedAt, ...shown } = receipt;
  return {
    ...shown,
    checkedAt: checkedAt === null ? null : toRfc3339(checkedAt),
    nextCheckAt: row.receiptDueAt === null ? null : toRfc3339(row.receiptDueAt),
  };
}

/**
 * One attempt on record. `eventBody` is what was sent when the attempt keeps no body of its own; `mask` hides codes in
 * what was sent and answered.
 */
export function presentAttempt(
  row: AttemptRow,
  eventBody: Bytes | null,
  mask: Mask | null,
): Attempt {
  const { response } = row;
  return {
    id: row.id,
    number: row.number,
    startedAt: toRfc3339(row.startedAt),
    durationMs: row.durationMs,
    outcome: row.outcome,
    ...(row.reason === null ? {} : { reason: row.reason as Reason }),
    ...presentRequest(row, eventBody, mask),
    ...(response && { response: { ...response, ...showBody(response, row.responseBody, mask) } }),
  };
}

function presentRequest(
  { request, requestBody }: AttemptRow,
  eventBody: Bytes | null,
  mask: Mask | null,
): Pick<Attempt, "detail" | "request"> {
  if (!request) return {};
  const { detail } = request;
  const shown = detail === undefined ? {} : { detail: mask?.(detail) ?? detail };
  if (!("url" in request)) return shown;
  const { method, url, headers } = request;
  const body = showBody(request, requestBody ?? eventBody, mask);
  return { ...shown, request: { ...maskUrl({ method, url, headers }, mask), ...body } };
}

/** The latest attempt stands in its delivery's row. Null before the first, and after one was set back untried. */
export function latestAttempt(row: Row): AttemptRow | null {
  if (row.attemptId === null || row.startedAt === null) return null;
  return { ...row, id: row.attemptId, number: row.attempt, startedAt: row.startedAt };
}

function showBody(
  { headers }: { headers: [string, string][] },
  whole: Bytes | null,
  mask: Mask | null,
): { body: string | null; bodyBase64?: string } {
  if (!whole) return { body: null };
  const bytes = mask ? maskedBody(contentTypeOf(headers), whole, mask) : whole;
  const shown = bytes.subarray(0, MAX_SHOWN_BODY_BYTES);
  try {
    // `stream` forgives a character that the cut has split.
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { body: decoder.decode(shown, { stream: shown.length < bytes.length }) };
  } catch {
    return { body: null, bodyBase64: toBase64(shown) };
  }
}
