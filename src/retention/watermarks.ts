import { inArray, sql } from "drizzle-orm";
import type { EventsDb } from "../db/client.ts";
import { postponedEvents, watermarks } from "../db/schema/events.ts";

/** The values of some watermarks; one that was never set is missing. */
export async function readMarks(db: EventsDb, names: string[]): Promise<Map<string, string>> {
  const rows = await db
    .select()
    .from(watermarks)
    .where(inArray(watermarks.name, sql`(SELECT value FROM json_each(${JSON.stringify(names)}))`));
  return new Map(rows.map(({ name, value }) => [name, value]));
}

/** Statement: sets a watermark. */
export function markStatement(db: EventsDb, name: string, value: string) {
  return db
    .insert(watermarks)
    .values({ name, value })
    .onConflictDoUpdate({ target: watermarks.name, set: { value } });
}

/** Statement: notes events that wait for the end of a delivery. The SELECT is raw, so that all are one parameter. */
export function postponeStatement(db: EventsDb, ids: readonly string[]) {
  return db
    .insert(postponedEvents)
    .select(sql`SELECT value FROM json_each(${JSON.stringify(ids)}) WHERE true`)
    .onConflictDoNothing();
}
