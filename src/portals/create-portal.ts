import { eq, type SQL, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { portals } from "../db/schema/portals.ts";
import { BatonError } from "../errors.ts";
import { commitOnce } from "../idempotency.ts";
import { newId } from "../ids.ts";
import { MAX_PORTALS } from "./constants.ts";
import { assertDefinition, ifThere } from "./find-definition.ts";
import { readBaseUrl } from "./read-base-url.ts";
import type { CreatePortal, Portal } from "./schemas.ts";
import { clearDefault, hasDefault } from "./set-default.ts";
import { tellPairs } from "./tell-pairs.ts";
import { toPortal } from "./to-portal.ts";

/** Makes a portal; an enabled one's sessions start at once. The organization's first is its default, unless it says otherwise. */
export async function createPortal(ctx: Context, input: CreatePortal): Promise<Portal> {
  const { organizationId } = ctx;
  await assertDefinition(ctx.db, organizationId, input.definition);
  const baseUrl = await readBaseUrl(ctx.settings, input.baseUrl);
  const now = Date.now();
  const row = {
    id: newId("portal", now),
    organizationId,
    name: input.name,
    definition: input.definition,
    baseUrl,
    enabled: input.enabled,
    onDeploy: input.onDeploy,
    isDefault: input.isDefault ?? !(await hasDefault(ctx)),
    credentials: null,
    phone: null,
    createdAt: now,
    updatedAt: now,
  };
  const insert = ctx.db.insert(portals).values({
    ...row,
    name: ifRoom(organizationId, row.name),
    definition: ifThere(organizationId, row.definition),
  });
  const statements = row.isDefault ? [clearDefault(ctx, row.id, now), insert] : [insert];
  const answer = await toPortal(ctx, row);
  let portal: Portal;
  try {
    portal = await commitOnce(ctx, statements, answer);
  } catch (error) {
    await assertRoom(ctx);
    await assertDefinition(ctx.db, organizationId, input.definition);
    throw error;
  }
  if (portal.enabled) await tellPairs(ctx, [portal], (pair) => pair.start());
  return portal;
}

/** The name, or NULL when the organization has as many portals as it may have: that breaks the statement. */
function ifRoom(organizationId: string, name: string): SQL<string> {
  return sql`CASE WHEN (
    SELECT count(*) FROM ${portals} AS other WHERE other.organization_id = ${organizationId}
  ) >= ${MAX_PORTALS} THEN NULL ELSE ${name} END`;
}

async function assertRoom({ db, organizationId }: Context): Promise<void> {
  const count = await db.$count(portals, eq(portals.organizationId, organizationId));
  if (count < MAX_PORTALS) return;
  throw new BatonError(
    "conflict",
    `This organization has ${MAX_PORTALS} portals, the most there can be; delete one first.`,
  );
}
