import { and, desc, eq, gte, isNotNull, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { events } from "../db/schema/events.ts";
import { firstIdAt } from "../ids.ts";
import { type Page, readCursor, toPage } from "../pagination.ts";
import { EVENT_COLUMNS } from "./load-event.ts";
import { maskEvents } from "./mask-events.ts";
import { newestOfShards } from "./newest-of-shards.ts";
import type { Event, ListEvents } from "./schemas.ts";
import { toEvent } from "./to-event.ts";
import { readWildcard } from "./wildcard.ts";

/** The organization's events, newest first, over all shards. */
export async function listEvents(ctx: Context, query: ListEvents): Promise<Page<Event>> {
  const where = filters(ctx.organizationId, query);
  const rows = await newestOfShards(ctx, (db) =>
    db
      .select(EVENT_COLUMNS)
      .from(events)
      .where(where)
      .orderBy(desc(events.id))
      .limit(query.limit + 1),
  );
  const page = toPage(rows, query.limit);
  return { ...page, data: (await maskEvents(ctx, page.data)).map(toEvent) };
}

/** Times become ranges of the primary key: ids are time-ordered. */
function filters(organizationId: string, query: ListEvents): SQL | undefined {
  const before = readCursor("event", query.cursor);
  const { sourceId, from, to, method, path, sender, identified, status } = query;
  return and(
    eq(events.organizationId, organizationId),
    before === undefined ? undefined : lt(events.id, before),
    from === undefined ? undefined : gte(events.id, firstIdAt("event", from)),
    to === undefined ? undefined : lt(events.id, firstIdAt("event", to)),
    sourceId === undefined ? undefined : eq(events.sourceId, sourceId),
    method === undefined ? undefined : eq(events.method, method),
    path === undefined ? undefined : like(events.path, path),
    sender === undefined
      ? undefined
      : or(eq(events.senderId, sender), like(events.senderName, sender)),
    identified === undefined ? undefined : (identified ? isNotNull : isNull)(events.senderBy),
    status === undefined ? undefined : eq(events.status, status),
  );
}

/** Raw for GLOB and substr(), which drizzle has no words for. */
function like(column: typeof events.path | typeof events.senderName, text: string): SQL {
  const wildcard = readWildcard(text);
  switch (wildcard.kind) {
    case "exact":
      return eq(column, wildcard.text);
    case "prefix":
      return sql`substr(${column}, 1, length(${wildcard.text})) = ${wildcard.text}`;
    case "glob":
      return sql`${column} GLOB ${wildcard.pattern}`;
  }
}
