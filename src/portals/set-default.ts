import { and, eq, ne, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { portals } from "../db/schema/portals.ts";

/** Statement: no other portal of the organization is the default one any more. */
export function clearDefault({ db, organizationId }: Context, id: string, now: number) {
  return db
    .update(portals)
    .set({ isDefault: false, updatedAt: sql`max(${now}, ${portals.updatedAt} + 1)` })
    .where(
      and(
        eq(portals.organizationId, organizationId),
        eq(portals.isDefault, true),
        ne(portals.id, id),
      ),
    );
}

export async function hasDefault({ db, organizationId }: Context): Promise<boolean> {
  const row = await db
    .select({ id: portals.id })
    .from(portals)
    .where(and(eq(portals.organizationId, organizationId), eq(portals.isDefault, true)))
    .get();
  return row !== undefined;
}
