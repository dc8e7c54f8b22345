import { and, desc, eq, lt } from "drizzle-orm";
import type { Context } from "../context.ts";
import { senders } from "../db/schema/control.ts";
import { type Page, type PageQuery, readCursor, toPage } from "../pagination.ts";
import { getSourceInOrganization } from "../sources/index.ts";
import type { Sender } from "./schemas.ts";
import { toSender } from "./to-sender.ts";

/** A source's senders, newest first. */
export async function listSenders(
  ctx: Context,
  sourceId: string,
  query: PageQuery,
): Promise<Page<Sender>> {
  await getSourceInOrganization(ctx, sourceId);
  const before = readCursor("sender", query.cursor);
  const rows = await ctx.db
    .select()
    .from(senders)
    .where(
      and(
        eq(senders.sourceId, sourceId),
        before === undefined ? undefined : lt(senders.id, before),
      ),
    )
    .orderBy(desc(senders.id))
    .limit(query.limit + 1);
  const page = toPage(rows, query.limit);
  return { ...page, data: page.data.map(toSender) };
}
