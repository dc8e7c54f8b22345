import { eq, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { rules, sourceHostnames, sources } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";
import { noteDeletedSource } from "../retention/index.ts";
import { keepTransforms } from "../transforms/index.ts";
import { getSourceInOrganization } from "./load-sources.ts";
import { reserveHostnamesStatement, reserveSlugStatement } from "./names.ts";

/**
 * Deletes a source with its hostnames and rules, and reserves its names, in one batch. Its events stay until their
 * retention ends; what is already on its way is still delivered.
 */
export async function deleteSource(ctx: Context, id: string): Promise<void> {
  await getSourceInOrganization(ctx, id);
  const [, , , , , , deleted] = await ctx.db.batch([
    noteDeletedSource(ctx.db, id),
    reserveSlugStatement(ctx, id),
    reserveHostnamesStatement(ctx, id),
    keepTransforms(ctx.db, sql`source_id = ${id}`),
    ctx.db.delete(rules).where(eq(rules.sourceId, id)),
    ctx.db.delete(sourceHostnames).where(eq(sourceHostnames.sourceId, id)),
    ctx.db.delete(sources).where(eq(sources.id, id)).returning({ id: sources.id }),
  ]);
  if (deleted.length === 0) throw notFound("source", id);
}
