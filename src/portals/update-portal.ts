import { eq, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { portals } from "../db/schema/portals.ts";
import { notFound } from "../errors.ts";
import type { SessionPairRpc } from "../session-pairs/index.ts";
import { assertDefinition, ifThere } from "./find-definition.ts";
import { getPortalInOrganization } from "./find-portal.ts";
import { readBaseUrl } from "./read-base-url.ts";
import type { PatchPortal, Portal } from "./schemas.ts";
import { clearDefault } from "./set-default.ts";
import { tellPairs } from "./tell-pairs.ts";
import { toPortal } from "./to-portal.ts";

/** Changes a portal. Its sessions start with `enabled: true`, and are logged out with `enabled: false`. */
export async function updatePortal(ctx: Context, id: string, patch: PatchPortal): Promise<Portal> {
  await getPortalInOrganization(ctx, id);
  const { organizationId } = ctx;
  if (patch.definition) await assertDefinition(ctx.db, organizationId, patch.definition);
  const now = Date.now();
  const changes = {
    ...(patch.name !== undefined && { name: patch.name }),
    ...(patch.definition !== undefined && {
      definition: ifThere(organizationId, patch.definition),
    }),
    ...(patch.baseUrl !== undefined && { baseUrl: await readBaseUrl(ctx.settings, patch.baseUrl) }),
    ...(patch.enabled !== undefined && { enabled: patch.enabled }),
    ...(patch.onDeploy !== undefined && { onDeploy: patch.onDeploy }),
    ...(patch.isDefault !== undefined && { isDefault: patch.isDefault }),
    updatedAt: sql`max(${now}, ${portals.updatedAt} + 1)`,
  };
  const update = ctx.db.update(portals).set(changes).where(eq(portals.id, id)).returning();
  const rows = await (patch.isDefault
    ? ctx.db.batch([clearDefault(ctx, id, now), update]).then(([, changed]) => changed)
    : update
  ).catch(async (error: unknown) => {
    if (patch.definition) await assertDefinition(ctx.db, organizationId, patch.definition);
    throw error;
  });
  if (!rows[0]) throw notFound("portal", id);
  await tellPairs(ctx, [{ id }], tidingsOf(patch));
  return toPortal(ctx, rows[0]);
}

function tidingsOf({ enabled }: PatchPortal): (pair: SessionPairRpc) => Promise<unknown> {
  // It reads the portal, and stops when that is disabled; `start` ends a stop that a person has asked for.
  if (!enabled) return (pair) => pair.configured();
  return async (pair) => {
    await pair.configured();
    await pair.start();
  };
}
