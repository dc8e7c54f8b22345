import { inArray, sql } from "drizzle-orm";
import { type Deps, shard } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { events } from "../db/schema/events.ts";
import { shardOf } from "../ids.ts";

// D1 hands a BLOB over as a JSON array of numbers; ten bodies of 256 KiB take 3 to 7 times as long that way as in hex.
const COLUMNS = {
  id: events.id,
  organizationId: events.organizationId,
  sourceId: events.sourceId,
  senderId: events.senderId,
  senderName: events.senderName,
  method: events.method,
  host: events.host,
  path: events.path,
  query: events.query,
  headers: events.headers,
  contentType: events.contentType,
  size: events.size,
  bodyHex: sql<string | null>`hex(${events.body})`,
  bodyKey: events.bodyKey,
  receivedAt: events.receivedAt,
  hops: events.hops,
  routedAt: events.routedAt,
  status: events.status,
};

async function selectEvents(db: EventsDb, ids: string[]) {
  return db
    .select(COLUMNS)
    .from(events)
    .where(inArray(events.id, sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`));
}

export type LoadedEvent = Awaited<ReturnType<typeof selectEvents>>[number];

/** Loads events by id, one statement a shard. What is not there is missing from the map. */
export async function loadEvents(deps: Deps, ids: string[]): Promise<Map<string, LoadedEvent>> {
  const byShard = Map.groupBy(new Set(ids), (id) => shardOf("event", id) ?? 0);
  const rows = await Promise.all(
    [...byShard].map(([number, shardIds]) => selectEvents(shard(deps, number), shardIds)),
  );
  return new Map(rows.flat().map((row) => [row.id, row]));
}

/** The inline body, or null when it is empty or in R2. */
export function inlineBody(event: LoadedEvent): Uint8Array<ArrayBuffer> | null {
  return event.bodyHex ? Uint8Array.fromHex(event.bodyHex) : null;
}
