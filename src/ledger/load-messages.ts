import { and, desc, eq, gt, gte, inArray, isNull, lt, lte, ne, or, sql } from "drizzle-orm";
import { type Context, shard } from "../context.ts";
import { events } from "../db/schema/events.ts";
import { newestOfShards } from "../events/index.ts";
import { firstIdAt, shardOf } from "../ids.ts";
import {
  LEDGER_CHUNK_BYTES,
  LEDGER_CHUNK_EVENTS,
  MAX_LEDGER_BYTES,
  MAX_LEDGER_EVENTS,
  MAX_MESSAGE_BYTES,
} from "./constants.ts";

export type Range = { sourceId?: string; from: number; to?: number };

/** What an event may hold a message in. */
type Content = Pick<typeof events.$inferSelect, "contentType" | "query" | "body">;

/** An event that may hold a message. */
export type Message = Awaited<ReturnType<typeof loadHeads>>[number] & Content;

/** Bytes of what is read of an event. A query or a content type may be as long as a short body. */
const READ_BYTES = sql<number>`${events.size} + length(${events.query}) + coalesce(length(${events.contentType}), 0)`;

/** `since`: when there are more events than are read, the time from which on all of them are here. */
export type Messages = { messages: Message[]; since: number | null };

/**
 * The organization's events that may hold a message, newest first over all shards, with their bodies; as many as the
 * limits allow. What failed verification may be anybody's invention and is left out.
 */
export async function loadMessages(ctx: Context, range: Range): Promise<Messages> {
  const heads = await loadHeads(ctx, range);
  const read = withinLimits(heads);
  const contents = await loadContents(ctx, read);
  return {
    messages: read.flatMap((head) => {
      const content = contents.get(head.id);
      // Deleted meanwhile.
      return content ? [{ ...head, ...content }] : [];
    }),
    since: read.length < heads.length ? (read.at(-1)?.receivedAt ?? null) : null,
  };
}

function loadHeads(ctx: Context, { sourceId, from, to }: Range) {
  const where = and(
    eq(events.organizationId, ctx.organizationId),
    gte(events.id, firstIdAt("event", from)),
    to === undefined ? undefined : lt(events.id, firstIdAt("event", to)),
    sourceId === undefined ? undefined : eq(events.sourceId, sourceId),
    ne(events.status, "rejected"),
    lte(events.size, MAX_MESSAGE_BYTES),
    or(gt(events.size, 0), ne(events.query, "")),
    isNull(events.bodyKey),
  );
  return newestOfShards(ctx, (db) =>
    db
      .select({
        id: events.id,
        sourceId: events.sourceId,
        receivedAt: events.receivedAt,
        size: READ_BYTES,
      })
      .from(events)
      .where(where)
      .orderBy(desc(events.id))
      .limit(MAX_LEDGER_EVENTS + 1),
  );
}

/** As many of the newest as may be looked at: each shard gave at least so many of its own. */
function withinLimits<T extends { size: number }>(heads: T[]): T[] {
  let bytes = 0;
  const end = heads.findIndex(({ size }, i) => {
    bytes += size;
    return i >= MAX_LEDGER_EVENTS || bytes > MAX_LEDGER_BYTES;
  });
  return end < 0 ? heads : heads.slice(0, end);
}

type Head = { id: string; size: number };

async function loadContents(ctx: Context, heads: readonly Head[]): Promise<Map<string, Content>> {
  const contents = new Map<string, Content>();
  for (const [number, ofShard] of Map.groupBy(heads, ({ id }) => shardOf("event", id) ?? 0)) {
    for (const chunk of chunksOf(ofShard)) {
      const ids = JSON.stringify(chunk.map(({ id }) => id));
      const rows = await shard(ctx, number)
        .select({
          id: events.id,
          contentType: events.contentType,
          query: events.query,
          hex: sql<string | null>`hex(${events.body})`,
        })
        .from(events)
        .where(inArray(events.id, sql`(SELECT value FROM json_each(${ids}))`));
      for (const { id, hex, ...facts } of rows) {
        contents.set(id, { ...facts, body: hex ? Uint8Array.fromHex(hex) : null });
      }
    }
  }
  return contents;
}

/** Parts that one statement reads. */
function* chunksOf(heads: readonly Head[]): Generator<Head[]> {
  let chunk: Head[] = [];
  let bytes = 0;
  for (const head of heads) {
    if (chunk.length >= LEDGER_CHUNK_EVENTS || bytes + head.size > LEDGER_CHUNK_BYTES) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(head);
    bytes += head.size;
  }
  if (chunk.length > 0) yield chunk;
}
