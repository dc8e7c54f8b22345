import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { ownDefinition } from "./find-definition.ts";
import type { StoredDefinition } from "./schemas.ts";
import { shippedDefinition, toShipped, toStoredDefinition } from "./to-definition.ts";

/** One definition by its name: the organization's own, or a shipped one. */
export async function getDefinition(ctx: Context, name: string): Promise<StoredDefinition> {
  const row = await ownDefinition(ctx.db, ctx.organizationId, name).get();
  if (row) return toStoredDefinition(row);
  const shipped = shippedDefinition(name);
  if (!shipped) throw notFound("portal definition", name);
  return toShipped(name, shipped);
}
