import type { Settings } from "../context.ts";
import type { portals } from "../db/schema/portals.ts";
import { toRfc3339 } from "../time.ts";
import { maskCredentials, openCredentials } from "./credentials.ts";
import type { Portal } from "./schemas.ts";

export type PortalRow = typeof portals.$inferSelect;

/** A row as the API answers it, credentials masked. */
export async function toPortal(
  settings: Pick<Settings, "masterKey">,
  row: PortalRow,
): Promise<Portal> {
  const opened = await openCredentials(settings, row);
  return {
    id: row.id,
    name: row.name,
    definition: row.definition,
    baseUrl: row.baseUrl,
    enabled: row.enabled,
    onDeploy: row.onDeploy,
    isDefault: row.isDefault,
    credentials: opened.kind === "set" ? maskCredentials(opened.credentials) : null,
    credentialsState: opened.kind,
    createdAt: toRfc3339(row.createdAt),
    updatedAt: toRfc3339(row.updatedAt),
  };
}
