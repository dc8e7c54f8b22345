import { and, eq, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { rules } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";
import { keepTransforms } from "../transforms/index.ts";

/** Deletes a rule; deliveries that it has already made go on, with its transform. */
export async function deleteRule(ctx: Context, id: string): Promise<void> {
  const owned = and(eq(rules.id, id), eq(rules.organizationId, ctx.organizationId));
  const [, deleted] = await ctx.db.batch([
    keepTransforms(ctx.db, sql`id = ${id} AND organization_id = ${ctx.organizationId}`),
    ctx.db.delete(rules).where(owned).returning({ id: rules.id }),
  ]);
  if (deleted.length === 0) throw notFound("rule", id);
}
