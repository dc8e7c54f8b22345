import type { Context } from "../context.ts";
import type { portals } from "../db/schema/portals.ts";
import { toRfc3339 } from "../time.ts";
import {
  belongsTo,
  maskCredentials,
  type OpenedCredentials,
  openCredentials,
} from "./credentials.ts";
import { findDefinitions } from "./find-definition.ts";
import { originsOf } from "./resolve-definition.ts";
import type { Portal } from "./schemas.ts";

export type PortalRow = typeof portals.$inferSelect;

/** Rows as the API answers them, credentials masked. */
export async function toPortals(ctx: Context, rows: readonly PortalRow[]): Promise<Portal[]> {
  const names = rows.filter((row) => row.credentials !== null).map((row) => row.definition);
  const definitions = await findDefinitions(ctx.db, ctx.organizationId, names);
  return Promise.all(
    rows.map(async (row) => {
      const opened = await openCredentials(ctx.settings, row);
      const definition = definitions.get(row.definition);
      const isElsewhere =
        opened.kind === "set" &&
        definition !== undefined &&
        !belongsTo(opened, originsOf(definition, row.baseUrl));
      return shown(row, opened, isElsewhere);
    }),
  );
}

export async function toPortal(ctx: Context, row: PortalRow): Promise<Portal> {
  const [portal] = await toPortals(ctx, [row]);
  if (!portal) throw new Error(`the portal ${row.id} was not shown`);
  return portal;
}

function shown(row: PortalRow, opened: OpenedCredentials, isElsewhere: boolean): Portal {
  return {
    id: row.id,
    name: row.name,
    definition: row.definition,
    baseUrl: row.baseUrl,
    enabled: row.enabled,
    onDeploy: row.onDeploy,
    isDefault: row.isDefault,
    credentials: opened.kind === "set" ? maskCredentials(opened.credentials) : null,
    credentialsState: isElsewhere ? "elsewhere" : opened.kind,
    createdAt: toRfc3339(row.createdAt),
    updatedAt: toRfc3339(row.updatedAt),
  };
}
