import { and, desc, eq, lt } from "drizzle-orm";
import type { Context } from "../context.ts";
import { tokenIssuers } from "../db/schema/control.ts";
import { type Page, type PageQuery, readCursor, toPage } from "../pagination.ts";
import type { TokenIssuer } from "./schemas.ts";
import { toIssuer } from "./to-issuer.ts";

/** The organization's issuers, newest first. */
export async function listIssuers(ctx: Context, query: PageQuery): Promise<Page<TokenIssuer>> {
  const before = readCursor("tokenIssuer", query.cursor);
  const rows = await ctx.db
    .select()
    .from(tokenIssuers)
    .where(
      and(
        eq(tokenIssuers.organizationId, ctx.organizationId),
        before === undefined ? undefined : lt(tokenIssuers.id, before),
      ),
    )
    .orderBy(desc(tokenIssuers.id))
    .limit(query.limit + 1);
  const page = toPage(rows, query.limit);
  return { ...page, data: page.data.map(toIssuer) };
}
