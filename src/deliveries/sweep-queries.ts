import { and, asc, eq, gt, gte, inArray, isNull, lt, lte, sql } from "drizzle-orm";
import type { EventTask } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { deliveries, events, watermarks } from "../db/schema/events.ts";
import { firstIdAt } from "../ids.ts";
import { MAX_SWEPT_ROWS, MAX_UNCOUNTED_TRIES, SETTLE_MS } from "./constants.ts";

/** Where the last sweep stopped when there was more than it could handle; empty otherwise. */
const CURSOR = "events_cursor";

/**
 * Events that nobody has routed, older than the grace time. Read by key range from the watermark: an index on
 * `routed_at` would cost every event two rows.
 */
export async function findUnrouted(db: EventsDb, graceMs: number): Promise<EventTask[]> {
  const now = Date.now();
  const watermark = await readWatermark(db, "events_routed");
  const cursor = await readWatermark(db, CURSOR);
  const rows = await db
    .select({ eventId: events.id, sourceId: events.sourceId })
    .from(events)
    .where(
      and(
        cursor ? gt(events.id, cursor) : gte(events.id, watermark),
        lt(events.id, firstIdAt("event", now - graceMs)),
        isNull(events.routedAt),
      ),
    )
    .orderBy(asc(events.id))
    .limit(MAX_SWEPT_ROWS);
  const last = rows.at(-1);
  if (rows.length === MAX_SWEPT_ROWS && last) {
    // More than one sweep can handle: the next one goes on behind these, so that none waits behind others for ever.
    await saveWatermark(db, CURSOR, last.eventId);
  } else if (cursor) {
    await saveWatermark(db, CURSOR, "");
  } else {
    const settled = firstIdAt("event", now - Math.max(graceMs, SETTLE_MS));
    await advanceWatermark(db, "events_routed", watermark, rows[0]?.eventId, settled);
  }
  return rows;
}

/** Deliveries whose lease has run out. Those born claimed are found by key range, later claims by their index. */
export async function findExpiredLeases(db: EventsDb): Promise<string[]> {
  const now = Date.now();
  const from = await readWatermark(db, "deliveries_born");
  const born = await db
    .select({ id: deliveries.id, leaseUntil: deliveries.leaseUntil })
    .from(deliveries)
    .where(
      and(gte(deliveries.id, from), eq(deliveries.status, "delivering"), eq(deliveries.late, 0)),
    )
    .orderBy(asc(deliveries.id))
    .limit(MAX_SWEPT_ROWS);
  const settled = firstIdAt("delivery", now - SETTLE_MS);
  await advanceWatermark(db, "deliveries_born", from, born[0]?.id, settled);
  const late = await db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(sql`status = 'delivering' AND late = 1 AND ${deliveries.leaseUntil} < ${now}`)
    .limit(MAX_SWEPT_ROWS);
  const expired = born.filter(({ leaseUntil }) => (leaseUntil ?? 0) < now);
  return [...expired, ...late].map(({ id }) => id);
}

/**
 * Turns expired leases into attempts with outcome `interrupted` that are due at once. They do not count against the
 * schedule (the fault was ours), up to a limit: what is over it has ended, and has no due time; nor, here, has what
 * waits for its listener.
 */
export async function interruptDeliveries(
  db: EventsDb,
  ids: string[],
): Promise<
  { id: string; sourceId: string; destinationId: string; nextAttemptAt: number | null }[]
> {
  if (ids.length === 0) return [];
  const now = Date.now();
  const forListener = sql`coalesce(${deliveries.receipt} ->> 'kind', '') = 'listen'`;
  const tooMany = sql`(${deliveries.uncounted} + 1 >= ${MAX_UNCOUNTED_TRIES})`;
  return db
    .update(deliveries)
    .set({
      outcome: "interrupted",
      reason: "interrupted",
      uncounted: sql`${deliveries.uncounted} + 1`,
      status: sql`CASE WHEN ${tooMany} THEN 'failed' ELSE 'retrying' END`,
      endReason: sql`CASE WHEN ${tooMany} THEN 'exhausted' END`,
      nextAttemptAt: sql`CASE WHEN ${tooMany} OR ${forListener} THEN NULL ELSE ${now} END`,
      receipt: sql`CASE WHEN ${forListener} AND NOT ${tooMany}
        THEN json_set(${deliveries.receipt}, '$.dueAt', ${now}) ELSE ${deliveries.receipt} END`,
      leaseId: null,
      leaseUntil: null,
    })
    .where(
      and(
        inArray(deliveries.id, sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`),
        eq(deliveries.status, "delivering"),
        lt(deliveries.leaseUntil, now),
      ),
    )
    .returning({
      id: deliveries.id,
      sourceId: deliveries.sourceId,
      destinationId: deliveries.destinationId,
      nextAttemptAt: deliveries.nextAttemptAt,
    });
}

/** Deliveries that were due more than the grace time ago: their task is lost, or was longer than a queue can delay. */
export async function findDue(db: EventsDb, graceMs: number): Promise<{ id: string }[]> {
  return db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        sql`status IN ('pending', 'retrying')`,
        lte(deliveries.nextAttemptAt, Date.now() - graceMs),
      ),
    )
    .orderBy(asc(deliveries.nextAttemptAt))
    .limit(MAX_SWEPT_ROWS);
}

async function readWatermark(db: EventsDb, name: string): Promise<string> {
  const row = await db.select().from(watermarks).where(eq(watermarks.name, name)).get();
  return row?.value ?? "";
}

/** Moves the watermark to the first unfinished row, but never past rows whose insert may still be under way. */
async function advanceWatermark(
  db: EventsDb,
  name: string,
  from: string,
  unfinished: string | undefined,
  settled: string,
): Promise<void> {
  const value = unfinished !== undefined && unfinished < settled ? unfinished : settled;
  if (value > from) await saveWatermark(db, name, value);
}

async function saveWatermark(db: EventsDb, name: string, value: string): Promise<void> {
  await db
    .insert(watermarks)
    .values({ name, value })
    .onConflictDoUpdate({ target: watermarks.name, set: { value } });
}
