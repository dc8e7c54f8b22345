import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { ControlDb } from "../db/client.ts";
import { portalDefinitions } from "../db/schema/portals.ts";
import { refused } from "../errors.ts";
import type { PortalDefinition } from "./definition.ts";
import { readDefinition, shippedDefinition } from "./to-definition.ts";

/** A definition by its name; `updatedAt` is 0 for a shipped one. */
export type FoundDefinition = { definition: PortalDefinition | null; updatedAt: number };

/** The organization's own definition of a name. */
export function ownDefinition(db: ControlDb, organizationId: string, name: string) {
  return db
    .select()
    .from(portalDefinitions)
    .where(
      and(eq(portalDefinitions.organizationId, organizationId), eq(portalDefinitions.name, name)),
    );
}

/** The organization's own, else a shipped one. Null: there is none. `definition` null: this release cannot read it. */
export async function findDefinition(
  db: ControlDb,
  organizationId: string,
  name: string,
): Promise<FoundDefinition | null> {
  const row = await ownDefinition(db, organizationId, name).get();
  if (row) return { definition: readDefinition(row.definition), updatedAt: row.updatedAt };
  const shipped = shippedDefinition(name);
  return shipped ? { definition: shipped, updatedAt: 0 } : null;
}

/** Those of some definitions that this release can read, by name. */
export async function findDefinitions(
  db: ControlDb,
  organizationId: string,
  names: readonly string[],
): Promise<Map<string, PortalDefinition>> {
  const wanted = [...new Set(names)];
  if (wanted.length === 0) return new Map();
  const listed = sql`(SELECT value FROM json_each(${JSON.stringify(wanted)}))`;
  const rows = await db
    .select()
    .from(portalDefinitions)
    .where(
      and(
        eq(portalDefinitions.organizationId, organizationId),
        inArray(portalDefinitions.name, listed),
      ),
    );
  const own = new Map(rows.map((row) => [row.name, readDefinition(row.definition)]));
  return new Map(
    wanted.flatMap((name) => {
      const definition = own.has(name) ? own.get(name) : shippedDefinition(name);
      return definition ? [[name, definition] as const] : [];
    }),
  );
}

/** 422 for a name that no definition has. */
export async function assertDefinition(
  db: ControlDb,
  organizationId: string,
  name: string,
): Promise<void> {
  if (await findDefinition(db, organizationId, name)) return;
  throw noSuchDefinition(name);
}

export function noSuchDefinition(name: string) {
  return refused(
    "definition",
    `there is no definition ${name}; PUT /api/v1/portal-definitions/${name} makes one`,
  );
}

/** The name, or NULL when its definition has been deleted meanwhile: that breaks the statement. */
export function ifThere(organizationId: string, name: string): SQL<string> | string {
  if (shippedDefinition(name)) return name;
  return sql`(SELECT name FROM ${portalDefinitions}
    WHERE organization_id = ${organizationId} AND name = ${name})`;
}
