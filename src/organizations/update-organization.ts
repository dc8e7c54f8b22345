import { eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { organizations } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";
import { getOrganization } from "./get-organization.ts";
import type { Organization, UpdateOrganization } from "./schemas.ts";
import { toOrganization } from "./to-organization.ts";

/** Changes the caller's organization; what is left out stays. */
export async function updateOrganization(
  ctx: Context,
  { name, allowedOrigins }: UpdateOrganization,
): Promise<Organization> {
  if (name === undefined && allowedOrigins === undefined) return getOrganization(ctx);
  const row = await ctx.db
    .update(organizations)
    .set({ name, allowedOrigins: allowedOrigins && [...new Set(allowedOrigins)] })
    .where(eq(organizations.id, ctx.organizationId))
    .returning()
    .get();
  if (!row) throw notFound("organization", ctx.organizationId);
  return toOrganization(row);
}
