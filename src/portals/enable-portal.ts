import { and, eq, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { portals } from "../db/schema/portals.ts";

/** Writes whether a portal's sessions are kept; what they do about it is the caller's to say. */
export async function enablePortal({ db }: Context, id: string, enabled: boolean): Promise<void> {
  await db
    .update(portals)
    .set({ enabled, updatedAt: sql`max(${Date.now()}, ${portals.updatedAt} + 1)` })
    .where(and(eq(portals.id, id), eq(portals.enabled, !enabled)));
}
