import { and, inArray, ne, notExists, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { attempts, deliveries, events, postponedEvents } from "../db/schema/events.ts";
import { log } from "../log.ts";

export type Deleted = { events: Set<string>; deliveries: number; attempts: number; bodies: number };

/**
 * Deletes events with their deliveries and attempts, but none that is still to be routed or delivered; what
 * waits for a listener that is away keeps nothing.
 *
 * The rows go first, in one batch: either all of an event is there or nothing is. Its body in R2 goes after them: when
 * the process dies between, an object is left that no row points to, which `pruneBodies` finds by its date. The other
 * way round an event would be left that promises a body it no longer has.
 */
export async function deleteEvents(
  { bodies }: Pick<Deps, "bodies">,
  db: EventsDb,
  ids: readonly string[],
): Promise<Deleted> {
  if (ids.length === 0) return { events: new Set(), deliveries: 0, attempts: 0, bodies: 0 };
  const [gone, attempt, delivery] = await db.batch(deleteStatements(db, ids));
  const keys = gone.flatMap(({ bodyKey }) => bodyKey ?? []);
  await forgetBodies(bodies, keys);
  return {
    events: new Set(gone.map(({ id }) => id)),
    deliveries: delivery.meta.changes,
    attempts: attempt.meta.changes,
    bodies: keys.length,
  };
}

function deleteStatements(db: EventsDb, ids: readonly string[]) {
  const given = sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  const one = { one: sql`1` };
  const underWay = db
    .select(one)
    .from(deliveries)
    .where(
      sql`${deliveries.eventId} = ${events.id} AND ${deliveries.status} IN ('pending', 'retrying', 'delivering')
        AND (${deliveries.status} = 'delivering' OR ${deliveries.receipt} ->> 'kind' IS NOT 'listen')`,
    );
  const kept = (eventId: typeof deliveries.eventId | typeof postponedEvents.eventId) =>
    db.select(one).from(events).where(sql`${events.id} = ${eventId}`);
  const orphans = and(inArray(deliveries.eventId, given), notExists(kept(deliveries.eventId)));
  return [
    db
      .delete(events)
      .where(and(inArray(events.id, given), ne(events.status, "stored"), notExists(underWay)))
      .returning({ id: events.id, bodyKey: events.bodyKey }),
    db
      .delete(attempts)
      .where(
        inArray(
          attempts.deliveryId,
          db.select({ id: deliveries.id }).from(deliveries).where(orphans),
        ),
      ),
    db.delete(deliveries).where(orphans),
    db
      .delete(postponedEvents)
      .where(
        and(inArray(postponedEvents.eventId, given), notExists(kept(postponedEvents.eventId))),
      ),
  ] as const;
}

async function forgetBodies(bodies: R2Bucket, keys: string[]): Promise<void> {
  if (keys.length === 0) return;
  try {
    await bodies.delete(keys);
  } catch (error) {
    log.warn("bodies_left", { count: keys.length, error });
  }
}
