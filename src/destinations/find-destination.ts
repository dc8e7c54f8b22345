import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { destinations } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";

/** The organization's destination; 404 for every other id. */
export async function getDestinationInOrganization(
  ctx: Context,
  id: string,
): Promise<typeof destinations.$inferSelect> {
  const row = await ctx.db
    .select()
    .from(destinations)
    .where(and(eq(destinations.id, id), eq(destinations.organizationId, ctx.organizationId)))
    .get();
  if (!row) throw notFound("destination", id);
  return row;
}
