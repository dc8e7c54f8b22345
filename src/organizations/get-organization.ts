import { eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { organizations } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";
import type { Organization } from "./schemas.ts";
import { toOrganization } from "./to-organization.ts";

/** The organization of the caller's key. */
export async function getOrganization(ctx: Context): Promise<Organization> {
  const row = await ctx.db
    .select()
    .from(organizations)
    .where(eq(organizations.id, ctx.organizationId))
    .get();
  if (!row) throw notFound("organization", ctx.organizationId);
  return toOrganization(row);
}
