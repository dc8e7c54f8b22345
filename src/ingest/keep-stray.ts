import { type SQL, sql } from "drizzle-orm";
import type { EventsDb } from "../db/client.ts";
import { strayCounts, strays } from "../db/schema/events.ts";
import { newId } from "../ids.ts";
import type { BodyStart } from "./check-body.ts";
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
  reason:
    | "unknown_source"
    | "source_disabled"
    | "source_deleted"
    | "verification_failed"
    | "unknown_sender"
    | "sender_required"
    | "unexpected_request"
    | "invalid_payload";
};

/**
 * Keeps a request that became no event, within bounds: 64 KiB each, 1,000 per host and day, 20,000 per day in all.
 * Counters and row are one batch, so that concurrent strays cannot pass the bounds; and no host is counted any more
 * on a day that is full, so that made-up names do not grow the counters either. Returns whether it was kept.
 */
export async function keepStray(
  db: EventsDb,
  sent: Request | BodyStart,
  stray: Stray,
): Promise<boolean> {
  const { body, size } = sent instanceof Request ? await readStart(sent) : sent;
  const now = Date.now();
  const id = newId("stray", now, 0);
  const day = new Date(now).toISOString().slice(0, 10);
  const within = (host: string, limit: number) =>
    sql`coalesce((SELECT ${strayCounts.count} FROM ${strayCounts} WHERE ${strayCounts.day} = ${day} AND ${strayCounts.host} = ${host}), 0) <= ${limit}`;
  const dayHasRoom = within("*", MAX_STRAYS_PER_DAY);
  const hostHasRoom = within(stray.host, MAX_STRAYS_PER_HOST_AND_DAY);
  // A counter stops one above its limit: from there on nothing is kept, and nothing grows.
  const count = (host: string, hasRoom: SQL) =>
    db
      .insert(strayCounts)
      .select(sql`SELECT ${day}, ${host}, 1 WHERE ${hasRoom}`)
      .onConflictDoUpdate({
        target: [strayCounts.day, strayCounts.host],
        set: { count: sql`${strayCounts.count} + 1` },
      });
  const [, , inserted] = await db.batch([
    count("*", dayHasRoom),
    count(stray.host, sql`${dayHasRoom} AND ${hostHasRoom}`),
    // A raw SELECT, in the order of the table's columns: the condition and the insert must be one statement.
    db.insert(strays).select(sql`
      SELECT ${id}, ${stray.organizationId}, ${stray.host}, ${stray.method}, ${stray.path}, ${stray.query},
        ${JSON.stringify(stray.headers)}, ${size}, ${body}, ${stray.ip}, ${stray.reason}, ${now}
      WHERE ${dayHasRoom} AND ${hostHasRoom}`),
  ]);
  return inserted.meta.changes > 0;
}

/** The first 64 KiB of a body, and its size as far as it is known. */
async function readStart(request: Request): Promise<BodyStart> {
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
