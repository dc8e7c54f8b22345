import { and, eq, exists, like, ne, or, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { apiKeys } from "../db/schema/control.ts";
import { BatonError, notFound } from "../errors.ts";

/**
 * Deletes a key; the next request that sends it gets 401. The organization's last key with scope `admin` stays (409):
 * without one nobody could make another.
 */
export async function deleteApiKey(ctx: Context, id: string): Promise<void> {
  const isOwn = and(eq(apiKeys.id, id), eq(apiKeys.organizationId, ctx.organizationId));
  const otherAdmin = ctx.db
    .select({ one: sql`1` })
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.organizationId, ctx.organizationId),
        ne(apiKeys.id, id),
        like(apiKeys.scopes, '%"admin"%'),
      ),
    );
  // One statement: two deletes at once cannot both find the other's key still there.
  const deleted = await ctx.db
    .delete(apiKeys)
    .where(and(isOwn, or(sql`${apiKeys.scopes} NOT LIKE '%"admin"%'`, exists(otherAdmin))))
    .returning({ id: apiKeys.id });
  if (deleted.length > 0) return;
  const kept = await ctx.db.select({ id: apiKeys.id }).from(apiKeys).where(isOwn).get();
  if (!kept) throw notFound("API key", id);
  throw new BatonError(
    "conflict",
    "This is the last key with scope `admin`: without one nobody could make another. Create one first.",
  );
}
