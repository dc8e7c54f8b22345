import type { Deps } from "../context.ts";
import type { EventsDb } from "../db/client.ts";

/**
 * Reads a list from every shard and merges it, newest first by id. Each shard must give as many of its newest rows as
 * the page needs; whatever the page then shows is among them.
 */
export async function newestOfShards<T extends { id: string }>(
  { shards }: Pick<Deps, "shards">,
  read: (db: EventsDb) => Promise<T[]>,
): Promise<T[]> {
  const rows = await Promise.all(shards.map(read));
  return rows.flat().toSorted((a, b) => (a.id < b.id ? 1 : -1));
}
