import { and, eq, gte, lte, max, type SQL, sql, sum } from "drizzle-orm";
import { type Context, shard } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { senders } from "../db/schema/control.ts";
import { events, senderRefusals } from "../db/schema/events.ts";
import { firstIdAt } from "../ids.ts";
import { getSourceInOrganization } from "../sources/index.ts";
import { toRfc3339 } from "../time.ts";
import { COUNTED_WINDOW_MS, MAX_COUNTED_EVENTS, MAX_COUNTED_SENDERS } from "./constants.ts";
import { type Counted, type Known, mergeCounts, type Refused } from "./merge-counts.ts";
import type { CountSenders, SenderCounts } from "./schemas.ts";

type Range = { from: number; to?: number };

/**
 * Who called a source, and how often, by events and by what was refused of blocked senders. The newest events of the
 * source's database are looked at, up to a limit; `truncated` says that there are more.
 */
export async function countSenders(
  ctx: Context,
  sourceId: string,
  query: CountSenders,
): Promise<SenderCounts> {
  const source = await getSourceInOrganization(ctx, sourceId);
  const to = query.to ?? Date.now();
  const range = { from: query.from ?? to - COUNTED_WINDOW_MS, to: query.to };
  const db = shard(ctx, source.shard);
  const [known, counted, [size], refused] = await Promise.all([
    knownSenders(ctx, sourceId),
    countEvents(db, sourceId, range),
    db.all<{ scanned: number; oldest: number | null }>(sql`
      SELECT count(*) AS scanned, min(received_at) AS oldest FROM (${newestEvents(range)})`),
    countRefusals(db, sourceId, { from: range.from, to }),
  ]);
  const isCut = (size?.scanned ?? 0) >= MAX_COUNTED_EVENTS;
  return {
    data: mergeCounts(known, counted.slice(0, MAX_COUNTED_SENDERS), refused),
    from: toRfc3339(range.from),
    to: toRfc3339(to),
    truncated: isCut || counted.length > MAX_COUNTED_SENDERS,
    since: isCut && size?.oldest ? toRfc3339(size.oldest) : null,
  };
}

function knownSenders(ctx: Context, sourceId: string): Promise<Known[]> {
  const { id, name, state } = senders;
  return ctx.db.select({ id, name, state }).from(senders).where(eq(senders.sourceId, sourceId));
}

/**
 * Raw, for the two levels of SELECT: the inner one is bounded by the key alone, so that a source without events never
 * reads on and on. SQLite gives the bare columns from the row that has the `max()`. Registered senders come first:
 * those that anybody can make up must not push them out.
 */
function countEvents(db: EventsDb, sourceId: string, range: Range): Promise<Counted[]> {
  return db.all<Counted>(sql`
    SELECT max(id) AS lastId, received_at AS lastAt, sender_id AS senderId, sender_name AS name,
      sender_by AS identifiedBy, ip, count(*) AS events,
      sum(status = 'muted') AS muted, sum(status = 'rejected') AS rejected
    FROM (${newestEvents(range)}) WHERE source_id = ${sourceId}
    GROUP BY sender_id, CASE WHEN sender_id IS NULL THEN sender_name END,
      CASE WHEN sender_id IS NULL THEN sender_by END
    ORDER BY sender_id IS NULL, sender_by IS NULL, events DESC LIMIT ${MAX_COUNTED_SENDERS + 1}`);
}

function newestEvents({ from, to }: Range): SQL {
  const before = to === undefined ? sql`` : sql`AND id < ${firstIdAt("event", to)}`;
  return sql`
    SELECT id, source_id, sender_id, sender_name, sender_by, status, received_at, ip FROM ${events}
    WHERE id >= ${firstIdAt("event", from)} ${before} ORDER BY id DESC LIMIT ${MAX_COUNTED_EVENTS}`;
}

async function countRefusals(
  db: EventsDb,
  sourceId: string,
  { from, to }: Required<Range>,
): Promise<Refused[]> {
  const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const rows = await db
    .select({
      senderId: senderRefusals.senderId,
      count: sum(senderRefusals.count).mapWith(Number),
      lastAt: max(senderRefusals.lastAt),
    })
    .from(senderRefusals)
    .where(
      and(
        eq(senderRefusals.sourceId, sourceId),
        gte(senderRefusals.day, dayOf(from)),
        lte(senderRefusals.day, dayOf(to)),
      ),
    )
    .groupBy(senderRefusals.senderId);
  return rows.map((row) => ({ ...row, lastAt: row.lastAt ?? 0 }));
}
