import { type CardSms, messageKey, parseSms, phoneTextOf, smsTextOf } from "../sms/index.ts";
import { toRfc3339 } from "../time.ts";
import { DUPLICATE_WINDOW_MS } from "./constants.ts";
import type { Message } from "./load-messages.ts";
import type { LedgerEntry } from "./schemas.ts";

/** The card alerts among messages, in the same order: newest first. */
export function toEntries(
  messages: readonly Message[],
  phones: ReadonlySet<string>,
): LedgerEntry[] {
  const seen = new Map<string, { eventId: string; receivedAt: number }>();
  // From the oldest on, so that of two equal alerts the later one is the duplicate.
  const entries = messages.toReversed().flatMap((message): LedgerEntry[] => {
    const { id, receivedAt } = message;
    const alert = readAlert(message, phones.has(message.sourceId));
    if (!alert) return [];
    const before = seen.get(alert.key);
    const isNear = before && receivedAt - before.receivedAt <= DUPLICATE_WINDOW_MS;
    seen.set(alert.key, { eventId: id, receivedAt });
    return [toEntry(message, alert.sms, isNear ? before.eventId : null)];
  });
  return entries.toReversed();
}

function readAlert(
  { contentType, query, body, receivedAt }: Message,
  isPhone: boolean,
): { sms: CardSms; key: string } | null {
  const message = isPhone
    ? phoneTextOf({ contentType, query, body })
    : body && smsTextOf(contentType, body);
  if (!message) return null;
  const { text, sender } = message;
  const sms = parseSms({ text, sender: sender ?? undefined, receivedAt, isPhone });
  if (sms.kind !== "card") return null;
  // Only what the alert says: a second delivery may have another id and time.
  return { sms, key: messageKey({ ...message, sender: null, receivedAt: null, id: null }) };
}

function toEntry(
  { id, receivedAt }: Message,
  sms: CardSms,
  possibleDuplicateOf: string | null,
): LedgerEntry {
  return {
    occurredAt: sms.occurredAt,
    receivedAt: toRfc3339(receivedAt),
    card: { issuer: sms.issuer, id: sms.cardId },
    holder: sms.holder,
    merchant: sms.merchant,
    amount: sms.amount,
    currency: sms.currency,
    event: sms.event,
    installmentMonths: sms.installmentMonths,
    balance: sms.balance,
    cumulative: sms.cumulative,
    eventId: id,
    possibleDuplicateOf,
  };
}
