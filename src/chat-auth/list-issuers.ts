import { and, desc, eq, lt } from "drizzle-orm";
import type { Context } from "../context.ts";
import { chatIssuers } from "../db/schema/chat.ts";
import { type Page, type PageQuery, readCursor, toPage } from "../pagination.ts";
import type { ChatIssuer } from "./schemas.ts";
import { toIssuer } from "./to-issuer.ts";

/** The organization's issuers, newest first. */
export async function listIssuers(ctx: Context, query: PageQuery): Promise<Page<ChatIssuer>> {
  const before = readCursor("chatIssuer", query.cursor);
  const rows = await ctx.db
    .select()
    .from(chatIssuers)
    .where(
      and(
        eq(chatIssuers.organizationId, ctx.organizationId),
        before === undefined ? undefined : lt(chatIssuers.id, before),
      ),
    )
    .orderBy(desc(chatIssuers.id))
    .limit(query.limit + 1);
  const page = toPage(rows, query.limit);
  return { ...page, data: page.data.map(toIssuer) };
}
