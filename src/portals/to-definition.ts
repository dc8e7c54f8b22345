import type { portalDefinitions } from "../db/schema/portals.ts";
import { toRfc3339 } from "../time.ts";
import { PortalDefinition } from "./definition.ts";
import type { StoredDefinition } from "./schemas.ts";
import { SHIPPED_DEFINITIONS } from "./shipped/index.ts";

/** A definition that comes with Baton; undefined for another name. */
export function shippedDefinition(name: string): PortalDefinition | undefined {
  return Object.hasOwn(SHIPPED_DEFINITIONS, name) ? SHIPPED_DEFINITIONS[name] : undefined;
}

/** What a row holds; null when this release cannot read it. */
export function readDefinition(stored: unknown): PortalDefinition | null {
  const parsed = PortalDefinition.safeParse(stored);
  return parsed.success ? parsed.data : null;
}

export function toStoredDefinition(row: typeof portalDefinitions.$inferSelect): StoredDefinition {
  return {
    name: row.name,
    shipped: false,
    definition: readDefinition(row.definition),
    createdAt: toRfc3339(row.createdAt),
    updatedAt: toRfc3339(row.updatedAt),
  };
}

export function toShipped(name: string, definition: PortalDefinition): StoredDefinition {
  return { name, shipped: true, definition, createdAt: null, updatedAt: null };
}
