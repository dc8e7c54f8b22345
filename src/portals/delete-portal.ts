import { eq, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { portals } from "../db/schema/portals.ts";
import { callPair } from "./call-pair.ts";
import { getPortalInOrganization } from "./find-portal.ts";

/**
 * Logs a portal's sessions out, forgets them, and deletes it. In this order: when it stops in between, the portal is
 * there, disabled, so nothing logs in again, and deleting it again does the rest. 503 when the sessions cannot be reached.
 */
export async function deletePortal(ctx: Context, id: string): Promise<void> {
  await getPortalInOrganization(ctx, id);
  await ctx.db
    .update(portals)
    .set({ enabled: false, updatedAt: sql`max(${Date.now()}, ${portals.updatedAt} + 1)` })
    .where(eq(portals.id, id));
  await callPair(ctx, id, (pair) => pair.forget());
  await ctx.db.delete(portals).where(eq(portals.id, id));
}
