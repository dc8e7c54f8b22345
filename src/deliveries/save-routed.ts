import { and, getTableColumns, inArray, isNull, sql } from "drizzle-orm";
import { shard } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { deliveries, events } from "../db/schema/events.ts";
import { shardOf } from "../ids.ts";
import type { ConsumerDeps } from "./deps.ts";
import type { LoadedEvent } from "./load-events.ts";
import type { PlannedDelivery } from "./plan-deliveries.ts";

/**
 * Writes the deliveries and marks their events routed: one batch a shard, and only for events that nobody has routed
 * meanwhile. Returns the ids of the events that were ours.
 */
export async function saveRouted(
  deps: ConsumerDeps,
  routed: LoadedEvent[],
  planned: PlannedDelivery[],
): Promise<Set<string>> {
  const byShard = Map.groupBy(routed, (event) => shardOf("event", event.id) ?? 0);
  const won = await Promise.all(
    [...byShard].map(([number, shardEvents]) => {
      const ids = new Set(shardEvents.map((event) => event.id));
      const rows = planned.filter(({ row }) => ids.has(row.eventId)).map(({ row }) => row);
      return saveInShard(shard(deps, number), [...ids], rows);
    }),
  );
  return new Set(won.flat());
}

async function saveInShard(
  db: EventsDb,
  eventIds: string[],
  rows: PlannedDelivery["row"][],
): Promise<string[]> {
  const matched = new Set(rows.map((row) => row.eventId));
  const marks = JSON.stringify(
    eventIds.map((id) => [id, matched.has(id) ? "routed" : "unmatched"]),
  );
  const mark = db
    .update(events)
    .set({
      routedAt: Date.now(),
      status: sql`(SELECT value ->> 1 FROM json_each(${marks}) WHERE value ->> 0 = ${events.id})`,
    })
    .where(
      and(
        inArray(events.id, sql`(SELECT value ->> 0 FROM json_each(${marks}))`),
        isNull(events.routedAt),
      ),
    )
    .returning({ id: events.id });
  const marked =
    rows.length === 0 ? await mark : (await db.batch([insertUnrouted(db, rows), mark]))[1];
  return marked.map(({ id }) => id);
}

/**
 * Inserts the rows whose event is not routed yet. All rows are one JSON parameter: D1 binds 100 parameters at most.
 * The SELECT gives every column in the table's order; what a row does not have is NULL.
 */
function insertUnrouted(db: EventsDb, rows: PlannedDelivery["row"][]) {
  const columns = Object.keys(getTableColumns(deliveries)).map((key) =>
    sql.raw(`value ->> '${key}'`),
  );
  const whole = rows.map((row) => ({ late: 0, uncounted: 0, ...row }));
  return db.insert(deliveries).select(sql`
    SELECT ${sql.join(columns, sql`, `)} FROM json_each(${JSON.stringify(whole)})
    WHERE EXISTS (
      SELECT 1 FROM ${events} WHERE ${events.id} = value ->> 'eventId' AND ${events.routedAt} IS NULL
    )`);
}
