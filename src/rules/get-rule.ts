import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { rules } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";
import { isId } from "../ids.ts";
import type { Rule } from "./schemas.ts";
import { toRule } from "./to-rule.ts";

export async function getRule(ctx: Context, id: string): Promise<Rule> {
  return toRule(await getRuleInOrganization(ctx, id));
}

/** The row of a rule; 404 when there is none, and when it is another organization's. */
export async function getRuleInOrganization(ctx: Context, id: string) {
  if (!isId("rule", id)) throw notFound("rule", id);
  const row = await ctx.db
    .select()
    .from(rules)
    .where(and(eq(rules.id, id), eq(rules.organizationId, ctx.organizationId)))
    .get();
  if (!row) throw notFound("rule", id);
  return row;
}
