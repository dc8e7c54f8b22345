import { and, desc, eq, lt } from "drizzle-orm";
import type { Context } from "../context.ts";
import { apiKeys } from "../db/schema/control.ts";
import { type Page, type PageQuery, readCursor, toPage } from "../pagination.ts";
import type { ApiKey } from "./schemas.ts";
import { toApiKey } from "./to-api-key.ts";

/** The organization's keys, newest first, without the keys themselves. */
export async function listApiKeys(ctx: Context, query: PageQuery): Promise<Page<ApiKey>> {
  const before = readCursor("apiKey", query.cursor);
  const rows = await ctx.db
    .select()
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.organizationId, ctx.organizationId),
        before === undefined ? undefined : lt(apiKeys.id, before),
      ),
    )
    .orderBy(desc(apiKeys.id))
    .limit(query.limit + 1);
  const page = toPage(rows, query.limit);
  return { ...page, data: page.data.map(toApiKey) };
}
