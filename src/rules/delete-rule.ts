import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { rules } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";

/** Deletes a rule; deliveries that it has already made go on. */
export async function deleteRule(ctx: Context, id: string): Promise<void> {
  const deleted = await ctx.db
    .delete(rules)
    .where(and(eq(rules.id, id), eq(rules.organizationId, ctx.organizationId)))
    .returning({ id: rules.id });
  if (deleted.length === 0) throw notFound("rule", id);
}
