import { and, desc, eq, lt } from "drizzle-orm";
import type { Context } from "../context.ts";
import { destinations } from "../db/schema/control.ts";
import { type Page, type PageQuery, readCursor, toPage } from "../pagination.ts";
import type { Destination } from "./schemas.ts";
import { toDestination } from "./to-destination.ts";

/** The organization's destinations, newest first, secrets masked. */
export async function listDestinations(ctx: Context, query: PageQuery): Promise<Page<Destination>> {
  const before = readCursor("destination", query.cursor);
  const rows = await ctx.db
    .select()
    .from(destinations)
    .where(
      and(
        eq(destinations.organizationId, ctx.organizationId),
        before === undefined ? undefined : lt(destinations.id, before),
      ),
    )
    .orderBy(desc(destinations.id))
    .limit(query.limit + 1);
  const page = toPage(rows, query.limit);
  return {
    ...page,
    data: await Promise.all(page.data.map((row) => toDestination(ctx.settings, row))),
  };
}
