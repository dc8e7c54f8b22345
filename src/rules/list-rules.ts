import { and, desc, eq, lt } from "drizzle-orm";
import type { Context } from "../context.ts";
import { rules } from "../db/schema/control.ts";
import { type Page, type PageQuery, readCursor, toPage } from "../pagination.ts";
import type { Rule } from "./schemas.ts";
import { toRule } from "./to-rule.ts";

/** The organization's rules, newest first, of one source when asked. */
export async function listRules(
  ctx: Context,
  query: PageQuery & { sourceId?: string },
): Promise<Page<Rule>> {
  const before = readCursor("rule", query.cursor);
  const rows = await ctx.db
    .select()
    .from(rules)
    .where(
      and(
        eq(rules.organizationId, ctx.organizationId),
        query.sourceId === undefined ? undefined : eq(rules.sourceId, query.sourceId),
        before === undefined ? undefined : lt(rules.id, before),
      ),
    )
    .orderBy(desc(rules.id))
    .limit(query.limit + 1);
  const page = toPage(rows, query.limit);
  return { ...page, data: page.data.map(toRule) };
}
