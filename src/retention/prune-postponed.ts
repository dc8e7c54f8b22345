import { asc, eq, gt, inArray, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { events, postponedEvents } from "../db/schema/events.ts";
import { DAY_MS, MAX_POSTPONED_EVENTS, PRUNE_CHUNK_EVENTS } from "./constants.ts";
import { deleteEvents } from "./delete-events.ts";
import { retentionNow } from "./plan-passes.ts";
import { markStatement, readMarks } from "./watermarks.ts";

const MARK = "prune_postponed";

/** Deletes events that waited for the end of a delivery, round by round through all of them. */
export async function prunePostponed(
  deps: Pick<Deps, "db" | "bodies">,
  db: EventsDb,
): Promise<{ events: number; deliveries: number; attempts: number; bodies: number }> {
  const total = { events: 0, deliveries: 0, attempts: 0, bodies: 0 };
  const from = (await readMarks(db, [MARK])).get(MARK) ?? "";
  const rows = await db
    .select({
      id: postponedEvents.eventId,
      sourceId: events.sourceId,
      receivedAt: events.receivedAt,
    })
    .from(postponedEvents)
    .leftJoin(events, eq(events.id, postponedEvents.eventId))
    .where(gt(postponedEvents.eventId, from))
    .orderBy(asc(postponedEvents.eventId))
    .limit(MAX_POSTPONED_EVENTS);
  if (rows.length === 0 && from === "") return total;
  for (let i = 0; i < rows.length; i += PRUNE_CHUNK_EVENTS) {
    const some = rows.slice(i, i + PRUNE_CHUNK_EVENTS);
    const daysOf = await retentionNow(
      deps,
      some.flatMap(({ sourceId }) => sourceId ?? []),
    );
    const isOld = ({ sourceId, receivedAt }: (typeof rows)[number]) =>
      sourceId === null || (receivedAt ?? 0) < Date.now() - daysOf(sourceId) * DAY_MS;
    // A source that keeps its events longer now takes them back; its own pass comes for them.
    await takeBack(db, idsOf(some.filter((row) => !isOld(row))));
    const deleted = await deleteEvents(deps, db, idsOf(some.filter(isOld)));
    total.events += deleted.events.size;
    total.deliveries += deleted.deliveries;
    total.attempts += deleted.attempts;
    total.bodies += deleted.bodies;
  }
  const next = rows.length < MAX_POSTPONED_EVENTS ? "" : (rows.at(-1)?.id ?? "");
  if (next !== from) await markStatement(db, MARK, next);
  return total;
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

async function takeBack(db: EventsDb, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .delete(postponedEvents)
    .where(
      inArray(postponedEvents.eventId, sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`),
    );
}
