import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { apiKeys } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";

/** Deletes a key; the next request that sends it gets 401. */
export async function deleteApiKey(ctx: Context, id: string): Promise<void> {
  const deleted = await ctx.db
    .delete(apiKeys)
    .where(and(eq(apiKeys.id, id), eq(apiKeys.organizationId, ctx.organizationId)))
    .returning({ id: apiKeys.id });
  if (deleted.length === 0) throw notFound("API key", id);
}
