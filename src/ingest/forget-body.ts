import { and, eq, gte } from "drizzle-orm";
import type { EventsDb } from "../db/client.ts";
import { events } from "../db/schema/events.ts";
import { firstIdAt } from "../ids.ts";
import { log } from "../log.ts";

/** How far back the row of a failed insert can be: D1 ends a statement after 30 s. */
const FORGET_WINDOW_MS = 60_000;

/**
 * Deletes a body whose event was not stored. A failed insert may have been carried out all the same,
 * and an event must not lose its body: so only when the database says that no row points to it.
 */
export async function forgetBody(db: EventsDb, bodies: R2Bucket, key: string): Promise<void> {
  const since = firstIdAt("event", Date.now() - FORGET_WINDOW_MS);
  try {
    const owner = await db
      .select({ id: events.id })
      .from(events)
      .where(and(gte(events.id, since), eq(events.bodyKey, key)))
      .get();
    if (!owner) await bodies.delete(key);
  } catch (error) {
    log.warn("body_left", { key, error });
  }
}
