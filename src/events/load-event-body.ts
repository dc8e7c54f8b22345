import { eq, sql } from "drizzle-orm";
import { type Deps, shardOfId } from "../context.ts";
import { events } from "../db/schema/events.ts";
import type { EventRow } from "./load-event.ts";

/**
 * The event's bytes, exactly as received: a stream when they are in R2. Null when they are gone: deleted from R2, or
 * the whole event was deleted meanwhile.
 */
export async function loadEventBody(
  deps: Pick<Deps, "shards" | "bodies">,
  { id, size, bodyKey }: Pick<EventRow, "id" | "size" | "bodyKey">,
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null> {
  if (size === 0) return new Uint8Array();
  if (bodyKey !== null) return (await deps.bodies.get(bodyKey))?.body ?? null;
  const row = await shardOfId(deps, "event", id)
    // D1 hands a BLOB over as a JSON array of numbers: hex is half as long, and faster to read.
    .select({ hex: sql<string | null>`hex(${events.body})` })
    .from(events)
    .where(eq(events.id, id))
    .get();
  return row?.hex ? Uint8Array.fromHex(row.hex) : null;
}
