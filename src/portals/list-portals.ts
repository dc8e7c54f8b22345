import { and, desc, eq, lt } from "drizzle-orm";
import type { Context } from "../context.ts";
import { portals } from "../db/schema/portals.ts";
import { type Page, type PageQuery, readCursor, toPage } from "../pagination.ts";
import type { Portal } from "./schemas.ts";
import { toPortals } from "./to-portal.ts";

/** The organization's portals, newest first, credentials masked. */
export async function listPortals(ctx: Context, query: PageQuery): Promise<Page<Portal>> {
  const before = readCursor("portal", query.cursor);
  const rows = await ctx.db
    .select()
    .from(portals)
    .where(
      and(
        eq(portals.organizationId, ctx.organizationId),
        before === undefined ? undefined : lt(portals.id, before),
      ),
    )
    .orderBy(desc(portals.id))
    .limit(query.limit + 1);
  const page = toPage(rows, query.limit);
  return { ...page, data: await toPortals(ctx, page.data) };
}
