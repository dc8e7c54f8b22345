import type { Context } from "../context.ts";
import { phoneSources } from "../sources/index.ts";
import { toRfc3339 } from "../time.ts";
import { loadMessages } from "./load-messages.ts";
import type { Ledger, LedgerEntry, ReadLedger } from "./schemas.ts";
import { startOfSeoulMonth } from "./seoul.ts";
import { toEntries } from "./to-entries.ts";
import { timeOf, toTotals } from "./to-totals.ts";

/**
 * What the cards of an organization were used for, read from the stored alerts at the time of asking: a better parser
 * corrects the past, and there is no second copy to delete. Cards only; banks' lines are none of it.
 */
export async function readLedger(ctx: Context, query: ReadLedger): Promise<Ledger> {
  const { sourceId, to, card } = query;
  const from = query.from ?? startOfSeoulMonth(to === undefined ? Date.now() : to - 1);
  const { messages, since } = await loadMessages(ctx, { sourceId, from, to });
  const phones = await phoneSources(
    ctx,
    messages.map((message) => message.sourceId),
  );
  const entries = toEntries(messages, phones)
    .filter((entry) => isOf(entry, card))
    .toSorted((a, b) => timeOf(b) - timeOf(a));
  return {
    from: toRfc3339(from),
    to: to === undefined ? null : toRfc3339(to),
    entries,
    totals: toTotals(entries),
    truncated: since !== null,
    since: since === null ? null : toRfc3339(since),
  };
}

function isOf({ card }: LedgerEntry, wanted: string | undefined): boolean {
  return wanted === undefined || card.id === wanted || card.issuer?.includes(wanted) === true;
}
