import { eq, sql } from "drizzle-orm";
import type { EventsDb } from "../db/client.ts";
import { dedupKeys, watermarks } from "../db/schema/events.ts";
import { MAX_DEDUP_KEY_RANGES, MAX_PRUNED_ROWS } from "./constants.ts";

const WATERMARK = "dedup_pruned";

/** Where a range begins; everything up to here was looked at in this round. */
type Position = { sourceId: string; key: string };

const START: Position = { sourceId: "", key: "" };

/**
 * Deletes keys whose window is over. It walks the primary key in ranges and goes on next time where it stopped: an
 * index on the expiry would cost every event with `dedup` a second row. Returns how many were deleted.
 */
export async function pruneDedupKeys(db: EventsDb, now: number): Promise<number> {
  let deleted = 0;
  let from = await readPosition(db);
  for (let range = 0; range < MAX_DEDUP_KEY_RANGES; range++) {
    const to = await endOfRange(db, from);
    const upTo = to ? sql`AND (source_id, key) <= (${to.sourceId}, ${to.key})` : sql``;
    const result = await db
      .delete(dedupKeys)
      .where(
        sql`(source_id, key) > (${from.sourceId}, ${from.key}) ${upTo} AND expires_at <= ${now}`,
      )
      .run();
    deleted += result.meta.changes;
    from = to ?? START;
    if (!to) break;
  }
  await writePosition(db, from);
  return deleted;
}

/** The last key of the next range, or undefined when the table ends within it. */
function endOfRange(db: EventsDb, from: Position): Promise<Position | undefined> {
  return db
    .select({ sourceId: dedupKeys.sourceId, key: dedupKeys.key })
    .from(dedupKeys)
    .where(sql`(source_id, key) > (${from.sourceId}, ${from.key})`)
    .orderBy(dedupKeys.sourceId, dedupKeys.key)
    .limit(1)
    .offset(MAX_PRUNED_ROWS - 1)
    .get();
}

async function readPosition(db: EventsDb): Promise<Position> {
  const row = await db.select().from(watermarks).where(eq(watermarks.name, WATERMARK)).get();
  return row ? (JSON.parse(row.value) as Position) : START;
}

async function writePosition(db: EventsDb, position: Position): Promise<void> {
  const value = JSON.stringify(position);
  await db
    .insert(watermarks)
    .values({ name: WATERMARK, value })
    .onConflictDoUpdate({ target: watermarks.name, set: { value } });
}
