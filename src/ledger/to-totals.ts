import type { LedgerEntry, LedgerTotal } from "./schemas.ts";
import { seoulMonth } from "./seoul.ts";
import { subtract, sumAmounts } from "./sum-amounts.ts";

/** Totals per card, month and currency ; the latest month first. */
export function toTotals(entries: readonly LedgerEntry[]): LedgerTotal[] {
  const groups = Map.groupBy(entries, (entry) =>
    JSON.stringify([monthOf(entry), entry.card.issuer, entry.card.id, entry.currency]),
  );
  return [...groups.values()]
    .flatMap((group) => totalOf(group))
    .toSorted((a, b) => orderOf(b).localeCompare(orderOf(a)));
}

function totalOf(group: LedgerEntry[]): LedgerTotal[] {
  const [first] = group;
  if (!first) return [];
  const { card, currency } = first;
  const amountsOf = (event: LedgerEntry["event"]) =>
    group.filter((entry) => entry.event === event).map(({ amount }) => amount);
  const [approvals, cancellations] = [amountsOf("approved"), amountsOf("cancelled")];
  const approved = sumAmounts(approvals, currency);
  const cancelled = sumAmounts(cancellations, currency);
  const latest = group.toSorted((a, b) => timeOf(b) - timeOf(a));
  const balance = latest.find((entry) => entry.balance !== null)?.balance ?? null;
  const cumulative = latest.find((entry) => entry.cumulative !== null)?.cumulative ?? null;
  const count = approvals.length + cancellations.length;
  if (count === 0 && balance === null && cumulative === null) return [];
  return [
    {
      card,
      month: monthOf(first),
      currency,
      amount: subtract(approved, cancelled, currency),
      approved,
      cancelled,
      count,
      balance,
      cumulative,
    },
  ];
}

/** When it was, as far as the alert says; else when it came. */
export function timeOf({ occurredAt, receivedAt }: LedgerEntry): number {
  return Date.parse(occurredAt ?? receivedAt);
}

function monthOf(entry: LedgerEntry): string {
  return seoulMonth(timeOf(entry));
}

function orderOf({ month, card, currency }: LedgerTotal): string {
  return [month, card.issuer ?? "", card.id ?? "", currency].join("\n");
}
