import { events } from "../db/schema/events.ts";
import type { IngestSource } from "./find-source.ts";
import { type Captured, eventRow, notStored, type Stores, sendTask } from "./store-event.ts";

/**
 * Stores what is not to be handed on, for somebody to look at: what failed verification, what a muted sender sent. It
 * counts as routed from birth and no task is sent, so neither the queue nor the sweep hands it on. It wins no dedup
 * key: a forged request must not swallow the true one.
 * Only while somebody watches the source there is a task: the consumer then tells them of it, and routes nothing.
 */
export async function storeUnrouted(
  { db, queue, waitUntil }: Stores,
  source: IngestSource,
  captured: Captured,
  status: "rejected" | "muted",
): Promise<string> {
  const row = eventRow(source, captured);
  try {
    await db
      .insert(events)
      .values({ ...row, status, routedAt: row.receivedAt })
      .run();
  } catch (error) {
    throw notStored(source, error);
  }
  if ((source.watchedUntil ?? 0) > row.receivedAt) {
    waitUntil(sendTask(queue, { eventId: row.id, sourceId: source.id }));
  }
  return row.id;
}
