import { and, desc, eq, isNull, lt, or } from "drizzle-orm";
import type { Context } from "../context.ts";
import { strays } from "../db/schema/events.ts";
import { maskHeaders, newestOfShards } from "../events/index.ts";
import { type Page, type PageQuery, readCursor, toPage } from "../pagination.ts";
import { maskQuery } from "../sms/index.ts";
import { toRfc3339 } from "../time.ts";
import type { Stray } from "./schemas.ts";

const COLUMNS = {
  id: strays.id,
  host: strays.host,
  method: strays.method,
  path: strays.path,
  query: strays.query,
  headers: strays.headers,
  size: strays.size,
  ip: strays.ip,
  reason: strays.reason,
  receivedAt: strays.receivedAt,
};

/** Strays to names of the organization, newest first; the operator also sees those to names of nobody. */
export async function listStrays(ctx: Context, query: PageQuery): Promise<Page<Stray>> {
  const before = readCursor("stray", query.cursor);
  const own = eq(strays.organizationId, ctx.organizationId);
  const where = and(
    ctx.isOperator ? or(own, isNull(strays.organizationId)) : own,
    before === undefined ? undefined : lt(strays.id, before),
  );
  const rows = await newestOfShards(ctx, (db) =>
    db
      .select(COLUMNS)
      .from(strays)
      .where(where)
      .orderBy(desc(strays.id))
      .limit(query.limit + 1),
  );
  const page = toPage(rows, query.limit);
  return {
    ...page,
    data: page.data.map((row) => ({
      ...row,
      query: maskQuery(row.query, row.receivedAt),
      headers: maskHeaders(row.headers),
      receivedAt: toRfc3339(row.receivedAt),
    })),
  };
}
