import { sql } from "drizzle-orm";
import type { EventsDb } from "../db/client.ts";
import { strayCounts, strays } from "../db/schema/events.ts";
import { newId } from "../ids.ts";
import {
  MAX_STRAY_BODY_BYTES,
  MAX_STRAYS_PER_DAY,
  MAX_STRAYS_PER_HOST_AND_DAY,
} from "./constants.ts";

export type Stray = {
  organizationId: string | null;
  host: string;
  method: string;
  path: string;
  query: string;
  headers: [string, string][];
  ip: string | null;
  reason: "unknown_source" | "source_disabled" | "source_deleted";
};

/**
 * Keeps a request that matched no source, within bounds: 64 KiB each, 1,000 per host and day, 20,000 per day in all.
 * Both counters and the row are one batch, so that concurrent strays cannot pass the bounds.
 */
export async function keepStray(db: EventsDb, request: Request, stray: Stray): Promise<void> {
  const { body, size } = await readStart(request);
  const now = Date.now();
  const id = newId("stray", now, 0);
  const day = new Date(now).toISOString().slice(0, 10);
  const counted = (host: string, limit: number) =>
    sql`(SELECT ${strayCounts.count} FROM ${strayCounts} WHERE ${strayCounts.day} = ${day} AND ${strayCounts.host} = ${host}) <= ${limit}`;
  await db.batch([
    countStatement(db, day, stray.host, MAX_STRAYS_PER_HOST_AND_DAY),
    countStatement(db, day, "*", MAX_STRAYS_PER_DAY),
    // A raw SELECT, in the order of the table's columns: the condition and the insert must be one statement.
    db.insert(strays).select(sql`
      SELECT ${id}, ${stray.organizationId}, ${stray.host}, ${stray.method}, ${stray.path}, ${stray.query},
        ${JSON.stringify(stray.headers)}, ${size}, ${body}, ${stray.ip}, ${stray.reason}, ${now}
      WHERE ${counted(stray.host, MAX_STRAYS_PER_HOST_AND_DAY)} AND ${counted("*", MAX_STRAYS_PER_DAY)}`),
  ]);
}

/** Counts one more, up to one above the limit: from there on nothing is kept, and nothing grows. */
function countStatement(db: EventsDb, day: string, host: string, limit: number) {
  return db
    .insert(strayCounts)
    .values({ day, host, count: 1 })
    .onConflictDoUpdate({
      target: [strayCounts.day, strayCounts.host],
      set: { count: sql`${strayCounts.count} + 1` },
      setWhere: sql`${strayCounts.count} <= ${limit}`,
    });
}

/** The first 64 KiB of a body, and its size as far as it is known. */
async function readStart(request: Request): Promise<{ body: Uint8Array | null; size: number }> {
  const kept = new Uint8Array(MAX_STRAY_BODY_BYTES);
  let read = 0;
  for await (const chunk of request.body ?? []) {
    kept.set(
      chunk.subarray(0, MAX_STRAY_BODY_BYTES - Math.min(read, MAX_STRAY_BODY_BYTES)),
      Math.min(read, MAX_STRAY_BODY_BYTES),
    );
    read += chunk.byteLength;
    if (read >= MAX_STRAY_BODY_BYTES) break;
  }
  const declared = Number(request.headers.get("content-length") ?? 0);
  return {
    body: read > 0 ? kept.slice(0, Math.min(read, MAX_STRAY_BODY_BYTES)) : null,
    size: Math.max(read, Number.isFinite(declared) ? declared : 0),
  };
}
