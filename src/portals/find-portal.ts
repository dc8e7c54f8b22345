import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { portals } from "../db/schema/portals.ts";
import { BatonError, notFound } from "../errors.ts";
import type { PortalRow } from "./to-portal.ts";

/** The organization's portal; 404 for every other id. */
export async function getPortalInOrganization(ctx: Context, id: string): Promise<PortalRow> {
  const row = await ctx.db
    .select()
    .from(portals)
    .where(and(eq(portals.id, id), eq(portals.organizationId, ctx.organizationId)))
    .get();
  if (!row) throw notFound("portal", id);
  return row;
}

/** The organization's default portal; 404 when it has none. */
export async function getDefaultPortal(ctx: Context): Promise<PortalRow> {
  const row = await ctx.db
    .select()
    .from(portals)
    .where(and(eq(portals.organizationId, ctx.organizationId), eq(portals.isDefault, true)))
    .get();
  if (row) return row;
  throw new BatonError(
    "not_found",
    "This organization has no default portal; make a portal, or set `isDefault` of one.",
  );
}
