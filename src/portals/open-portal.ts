import { eq } from "drizzle-orm";
import { readSettings } from "../context.ts";
import { openControl } from "../db/client.ts";
import { organizations } from "../db/schema/control.ts";
import { portals } from "../db/schema/portals.ts";
import { type OpenedCredentials, openCredentials, phoneOf } from "./credentials.ts";
import type { PortalDefinition } from "./definition.ts";
import { findDefinition } from "./find-definition.ts";
import { missingCredentials } from "./needed-credentials.ts";
import { resolveDefinition } from "./resolve-definition.ts";
import { Credentials } from "./schemas.ts";

/** A portal as its sessions need it. */
export type OpenedPortal = {
  id: string;
  organizationId: string;
  enabled: boolean;
  onDeploy: "keep" | "logout";
  /** Resolved: `{base}` is filled in, addresses are absolute. Null: it cannot be used (`definition_missing`). */
  definition: PortalDefinition | null;
  /** Null: `credentialsFault` says why. */
  credentials: Credentials | null;
  credentialsFault: "credentials_missing" | "credentials_unreadable" | null;
  /** As it is dialled. */
  phone: string | null;
  /** Rises with each change of the portal or its definition. */
  version: number;
};

/** Credentials of the operator's default portal as variables; the second name is an older one. */
const VARIABLES = {
  username: ["PORTAL_USERNAME", "BAEMIN_USERNAME"],
  password: ["PORTAL_PASSWORD", "BAEMIN_PASSWORD"],
  phone: ["PORTAL_PHONE", "BAEMIN_PHONE"],
} as const;

type PortalEnv = Parameters<typeof readSettings>[0] & { DB: D1Database };

/** Reads a portal with its secrets, for its own sessions only. Null: there is none of this id. */
export async function openPortal(env: PortalEnv, portalId: string): Promise<OpenedPortal | null> {
  const db = openControl(env.DB);
  const found = await db
    .select({ portal: portals, isOperator: organizations.isOperator })
    .from(portals)
    .innerJoin(organizations, eq(organizations.id, portals.organizationId))
    .where(eq(portals.id, portalId))
    .get();
  if (!found) return null;
  const { portal, isOperator } = found;
  const named = await findDefinition(db, portal.organizationId, portal.definition);
  const own = await openCredentials(readSettings(env), portal);
  const mayUseVariables = own.kind === "missing" && isOperator && portal.isDefault;
  const opened = mayUseVariables ? credentialsIn(env) : own;
  const { credentials, fault } = usable(opened, named?.definition ?? null);
  return {
    id: portal.id,
    organizationId: portal.organizationId,
    enabled: portal.enabled,
    onDeploy: portal.onDeploy,
    definition: named?.definition ? resolveDefinition(named.definition, portal.baseUrl) : null,
    credentials,
    credentialsFault: fault,
    phone: credentials && phoneOf(credentials),
    version: Math.max(portal.updatedAt, named?.updatedAt ?? 0),
  };
}

function credentialsIn(env: object): OpenedCredentials {
  const variables = env as Record<string, unknown>;
  const found = Object.entries(VARIABLES).flatMap(([field, names]) => {
    const value = names.map((name) => variables[name]).find(Boolean);
    return value === undefined ? [] : [[field, value]];
  });
  const parsed = Credentials.safeParse(Object.fromEntries(found));
  return parsed.success ? { kind: "set", credentials: parsed.data } : { kind: "missing" };
}

/** What the definition types must all be there: half of an account logs nobody in. */
function usable(
  opened: OpenedCredentials,
  definition: PortalDefinition | null,
): Pick<OpenedPortal, "credentials"> & { fault: OpenedPortal["credentialsFault"] } {
  if (opened.kind !== "set") return { credentials: null, fault: `credentials_${opened.kind}` };
  const isWhole = !definition || missingCredentials(definition, opened.credentials).length === 0;
  if (!isWhole) return { credentials: null, fault: "credentials_missing" };
  return { credentials: opened.credentials, fault: null };
}
