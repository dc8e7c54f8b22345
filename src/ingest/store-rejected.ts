import { events } from "../db/schema/events.ts";
import type { IngestSource } from "./find-source.ts";
import { type Captured, eventRow, notStored, type Stores } from "./store-event.ts";

/**
 * Stores what failed verification, for somebody to look at. It counts as routed from birth and no task is sent, so
 * neither the queue nor the sweep hands it on. It wins no dedup key: a forged request must not swallow the true one.
 */
export async function storeRejected(
  { db }: Pick<Stores, "db">,
  source: IngestSource,
  captured: Captured,
): Promise<string> {
  const row = eventRow(source, captured);
  try {
    await db
      .insert(events)
      .values({ ...row, status: "rejected", routedAt: row.receivedAt })
      .run();
  } catch (error) {
    throw notStored(source, error);
  }
  return row.id;
}
