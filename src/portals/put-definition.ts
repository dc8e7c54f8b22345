import { and, eq, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { portalDefinitions, portals } from "../db/schema/portals.ts";
import { assertPublicName, assertSendableUrl } from "../destinations/index.ts";
import { BatonError } from "../errors.ts";
import { checkDefinition } from "./check-definition.ts";
import { MAX_DEFINITIONS } from "./constants.ts";
import type { PortalDefinition } from "./definition.ts";
import { ownDefinition } from "./find-definition.ts";
import type { StoredDefinition } from "./schemas.ts";
import { tellPairs } from "./tell-pairs.ts";
import { shippedDefinition, toStoredDefinition } from "./to-definition.ts";

/**
 * Makes or replaces a definition of the organization's own; pairs that use it are told. 409 for a shipped one's name,
 * 422 for what cannot work, with every field that is wrong.
 */
export async function putDefinition(
  ctx: Context,
  name: string,
  definition: PortalDefinition,
): Promise<StoredDefinition> {
  if (shippedDefinition(name)) throw isShipped(name);
  const errors = checkDefinition(definition);
  if (errors.length > 0) {
    const detail = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
    throw new BatonError("refused", detail, { errors });
  }
  await assertSendableOrigins(ctx, definition);
  const row = await writeDefinition(ctx, name, definition);
  const using = await ctx.db
    .select({ id: portals.id })
    .from(portals)
    .where(and(eq(portals.organizationId, ctx.organizationId), eq(portals.definition, name)));
  await tellPairs(ctx, using, (pair) => pair.configured());
  return toStoredDefinition(row);
}

export function isShipped(name: string): BatonError {
  return new BatonError(
    "conflict",
    `The definition ${name} comes with Baton and cannot be changed; put a copy of it under another name.`,
  );
}

async function assertSendableOrigins(ctx: Context, { origins }: PortalDefinition): Promise<void> {
  for (const [i, url] of origins.entries()) {
    if (url === "{base}") continue;
    const target = { url, field: `origins.${i}` };
    assertSendableUrl(target, ctx.settings);
    await assertPublicName(target, ctx.settings);
  }
}

async function writeDefinition(
  { db, organizationId }: Context,
  name: string,
  definition: PortalDefinition,
): Promise<typeof portalDefinitions.$inferSelect> {
  const now = Date.now();
  const isThere = (await ownDefinition(db, organizationId, name).get()) !== undefined;
  if (!isThere) await assertRoom(db, organizationId);
  const [row] = await db
    .insert(portalDefinitions)
    .values({ organizationId, name, definition, createdAt: now, updatedAt: now })
    .onConflictDoUpdate({
      target: [portalDefinitions.organizationId, portalDefinitions.name],
      // Pairs know a definition by this time: it rises with each change.
      set: { definition, updatedAt: sql`max(${now}, ${portalDefinitions.updatedAt} + 1)` },
    })
    .returning();
  if (!row) throw new Error(`the definition ${name} was not written`);
  return row;
}

async function assertRoom(db: Context["db"], organizationId: string): Promise<void> {
  const count = await db.$count(
    portalDefinitions,
    eq(portalDefinitions.organizationId, organizationId),
  );
  if (count < MAX_DEFINITIONS) return;
  throw new BatonError(
    "conflict",
    `This organization has ${MAX_DEFINITIONS} definitions, the most there can be; delete one first.`,
  );
}
