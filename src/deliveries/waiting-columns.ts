import type { deliveries } from "../db/schema/events.ts";
import { isListener } from "../destinations/index.ts";

type Columns = Partial<Pick<typeof deliveries.$inferInsert, "nextAttemptAt" | "receipt">>;
type Row = Pick<typeof deliveries.$inferSelect, "status"> & { receipt?: unknown };

/**
 * `receipt` of a delivery to a listener. It marks the row for statements that know nothing of destinations, and holds
 * the due time: without a `next_attempt_at` a delivery is in no range that the sweep reads, so one whose listener is
 * away costs nothing each minute.
 */
type ListenReceipt = { kind: "listen" /** Milliseconds UTC. */; dueAt: number | null };

/** When a waiting delivery is due (ms UTC; null: it does not wait), in the columns that its kind keeps that in. */
export function waitingColumns(kind: string, dueAt: number | null): Columns {
  if (!isListener(kind)) return { nextAttemptAt: dueAt };
  return { nextAttemptAt: null, receipt: { kind: "listen", dueAt } satisfies ListenReceipt };
}

/** When a listener may take a delivery that waits for it; null for all others. */
export function listenerDueAt({ status, receipt }: Row): number | null {
  if (status !== "pending" && status !== "retrying") return null;
  return isForListener(receipt) ? receipt.dueAt : null;
}

export function isForListener(receipt: unknown): receipt is ListenReceipt {
  return isListener(String((receipt as ListenReceipt | null | undefined)?.kind));
}
