import { and, asc, eq, notExists, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { portalDefinitions, portals } from "../db/schema/portals.ts";
import { BatonError, notFound } from "../errors.ts";
import { MAX_NAMED_PORTALS } from "./constants.ts";
import { ownDefinition } from "./find-definition.ts";
import { isShipped } from "./put-definition.ts";
import { shippedDefinition } from "./to-definition.ts";

/** Deletes a definition of the organization's own. 409 while portals use it; it names them. */
export async function deleteDefinition(ctx: Context, name: string): Promise<void> {
  const { db, organizationId } = ctx;
  if (!(await ownDefinition(db, organizationId, name).get())) {
    throw shippedDefinition(name) ? isShipped(name) : notFound("portal definition", name);
  }
  const isUsed = and(eq(portals.organizationId, organizationId), eq(portals.definition, name));
  // One statement: a portal that is made meanwhile either stops it or finds no definition.
  const deleted = await db
    .delete(portalDefinitions)
    .where(
      and(
        eq(portalDefinitions.organizationId, organizationId),
        eq(portalDefinitions.name, name),
        shippedDefinition(name)
          ? undefined
          : notExists(db.select({ one: sql`1` }).from(portals).where(isUsed)),
      ),
    )
    .returning({ name: portalDefinitions.name });
  if (deleted.length > 0) return;
  const using = await db
    .select({ id: portals.id, name: portals.name })
    .from(portals)
    .where(isUsed)
    .orderBy(asc(portals.id));
  if (using.length === 0) return;
  throw stillUsed(name, using);
}

function stillUsed(name: string, using: { id: string; name: string }[]): BatonError {
  const named = using.slice(0, MAX_NAMED_PORTALS);
  const list = named.map((portal) => `${portal.id} (${portal.name})`).join(", ");
  const more = using.length > named.length ? ` and ${using.length - named.length} more` : "";
  return new BatonError(
    "conflict",
    `${using.length} portal(s) still use ${name}: ${list}${more}. Delete them or give them another definition first.`,
    { errors: named.map((portal) => ({ path: `portals.${portal.id}`, message: portal.name })) },
  );
}
