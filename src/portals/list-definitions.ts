import { asc, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { portalDefinitions } from "../db/schema/portals.ts";
import type { Page } from "../pagination.ts";
import type { StoredDefinition } from "./schemas.ts";
import { SHIPPED_DEFINITIONS } from "./shipped/index.ts";
import { toShipped, toStoredDefinition } from "./to-definition.ts";

/** Every definition that the organization can use, its own ones first, by name. There are few: one page. */
export async function listDefinitions(ctx: Context): Promise<Page<StoredDefinition>> {
  const rows = await ctx.db
    .select()
    .from(portalDefinitions)
    .where(eq(portalDefinitions.organizationId, ctx.organizationId))
    .orderBy(asc(portalDefinitions.name));
  const own = new Set(rows.map(({ name }) => name));
  const shipped = Object.entries(SHIPPED_DEFINITIONS).filter(([name]) => !own.has(name));
  return {
    data: [
      ...rows.map(toStoredDefinition),
      ...shipped.map(([name, definition]) => toShipped(name, definition)),
    ],
    nextCursor: null,
  };
}
