import { and, eq, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { destinationCounts } from "../db/schema/control.ts";
import { log } from "../log.ts";

type Counting = Pick<Deps, "db">;

/**
 * Counts `count` recipients against a destination's cap of a day; false when they do not all fit, and then none is
 * counted. One statement, so that calls at the same time cannot both take the last place.
 */
export async function takeFromCap(
  { db }: Counting,
  {
    destinationId,
    day,
    count,
    cap,
  }: { destinationId: string; day: string; count: number; cap: number },
): Promise<boolean> {
  if (count > cap) return false;
  if (count === 0) return true;
  const taken = await db
    .insert(destinationCounts)
    .values({ destinationId, day, count })
    .onConflictDoUpdate({
      target: [destinationCounts.destinationId, destinationCounts.day],
      set: { count: sql`${destinationCounts.count} + ${count}` },
      setWhere: sql`${destinationCounts.count} + ${count} <= ${cap}`,
    })
    .returning({ count: destinationCounts.count });
  return taken.length > 0;
}

/** Gives back what was counted and certainly not sent. A failure costs a place of the day, no message. */
export async function giveBackToCap(
  { db }: Counting,
  { destinationId, day, count }: { destinationId: string; day: string; count: number },
): Promise<void> {
  if (count === 0) return;
  try {
    await db
      .update(destinationCounts)
      .set({ count: sql`max(0, ${destinationCounts.count} - ${count})` })
      .where(
        and(eq(destinationCounts.destinationId, destinationId), eq(destinationCounts.day, day)),
      )
      .run();
  } catch (error) {
    log.warn("cap_not_given_back", { destinationId, error });
  }
}
