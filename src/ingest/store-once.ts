import { and, eq, getTableColumns, lte, type SQL, sql } from "drizzle-orm";
import { crashPoint } from "../crash-point.ts";
import { dedupKeys, events } from "../db/schema/events.ts";
import type { IngestSource } from "./find-source.ts";
import { type Captured, eventRow, notStored, type Stores, sendTask } from "./store-event.ts";

/** A key that at most one request has within a window. */
export type DedupKey = { key: string; windowMs: number };

export type StoredOnce = { id: string; duplicate: boolean };

type EventRow = ReturnType<typeof eventRow>;

/**
 * Stores the event unless its key was seen within the window; then the id is the first one's. Key and event are one
 * batch: no key stays without its event, so a failed request cannot swallow its own retry. Only the winner sends a
 * task, and after the batch: a loser's event does not exist.
 */
export async function storeOnce(
  { db, queue, waitUntil }: Stores,
  source: IngestSource,
  captured: Captured,
  { key, windowMs }: DedupKey,
): Promise<StoredOnce> {
  const row = eventRow(source, captured);
  const isOurKey = and(eq(dedupKeys.sourceId, source.id), eq(dedupKeys.key, key));
  const win = db
    .insert(dedupKeys)
    .values({ sourceId: source.id, key, eventId: row.id, expiresAt: row.receivedAt + windowMs })
    .onConflictDoUpdate({
      target: [dedupKeys.sourceId, dedupKeys.key],
      set: { eventId: sql`excluded.event_id`, expiresAt: sql`excluded.expires_at` },
      setWhere: lte(dedupKeys.expiresAt, row.receivedAt),
    });
  const winner = db.select({ id: dedupKeys.eventId }).from(dedupKeys).where(isOurKey);
  const insert = db.insert(events).select(selectIf(row, sql`(${winner}) = ${row.id}`));
  const starting = crashPoint("before-insert");
  if (starting) await starting;
  let first: { id: string } | undefined;
  try {
    [, , [first]] = await db.batch([win, insert, winner]);
  } catch (error) {
    throw notStored(source, error);
  }
  const stored = crashPoint("after-insert");
  if (stored) await stored;
  if (!first) throw notStored(source, new Error("the dedup key is not there after its batch"));
  if (first.id !== row.id) return { id: first.id, duplicate: true };
  waitUntil(sendTask(queue, { eventId: row.id, sourceId: source.id }));
  return { id: row.id, duplicate: false };
}

/** `SELECT <row> WHERE …`, in the order of the table's columns: condition and insert must be one statement. */
function selectIf(row: EventRow, condition: SQL): SQL {
  const values: Record<string, unknown> = row;
  const params = Object.entries(getTableColumns(events)).map(
    ([name, column]) => sql`${sql.param(values[name] ?? null, column)}`,
  );
  return sql`SELECT ${sql.join(params, sql`, `)} WHERE ${condition}`;
}
