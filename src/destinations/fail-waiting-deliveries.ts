import { eq, inArray, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { deliveries } from "../db/schema/events.ts";
import { FAIL_WAITING_CHUNK } from "./constants.ts";

export type WaitingEndReason = "destination_disabled" | "destination_deleted";

/**
 * Ends every delivery that waits for a destination, in all event databases; one that is being tried ends by itself.
 * Safe to repeat. Returns how many it ended.
 */
export async function failWaitingDeliveries(
  ctx: Pick<Deps, "shards">,
  destinationId: string,
  endReason: WaitingEndReason,
): Promise<number> {
  const counts = await Promise.all(
    ctx.shards.map((db) => failInShard(db, destinationId, endReason)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function failInShard(
  db: EventsDb,
  destinationId: string,
  endReason: WaitingEndReason,
): Promise<number> {
  // Written out, not bound: SQLite takes the partial index only for the very words it was made with.
  const isWaiting = sql`${deliveries.status} IN ('pending', 'retrying')`;
  let ended = 0;
  for (;;) {
    const waiting = db
      .select({ id: deliveries.id })
      .from(deliveries)
      .where(sql`${isWaiting} AND ${eq(deliveries.destinationId, destinationId)}`)
      .limit(FAIL_WAITING_CHUNK);
    const { meta } = await db
      .update(deliveries)
      .set({ status: "failed", endReason, nextAttemptAt: null })
      .where(inArray(deliveries.id, waiting))
      .run();
    ended += meta.changes;
    if (meta.changes === 0) return ended;
  }
}
