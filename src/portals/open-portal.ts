import { eq } from "drizzle-orm";
import { readSettings } from "../context.ts";
import { openControl } from "../db/client.ts";
import { organizations } from "../db/schema/control.ts";
import { portals } from "../db/schema/portals.ts";
import { belongsTo, type OpenedCredentials, openCredentials, phoneOf } from "./credentials.ts";
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
  /** False: no account is set, or one for other origins. Nobody goes on with the sessions of the one before. */
  hasAccount: boolean;
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

/** Origins that the variables' account may be typed at; left out: those of the default portal. */
const ORIGINS = "PORTAL_ORIGINS";

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
  const definition = named?.definition ? resolveDefinition(named.definition, portal.baseUrl) : null;
  const { credentials, fault, hasAccount } = usable(opened, definition);
  return {
    id: portal.id,
    organizationId: portal.organizationId,
    enabled: portal.enabled,
    onDeploy: portal.onDeploy,
    definition,
    credentials,
    credentialsFault: fault,
    hasAccount,
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
  if (!parsed.success) return { kind: "missing" };
  const { [ORIGINS]: named } = variables;
  const origins = typeof named === "string" && named !== "" ? named.split(/[\s,]+/) : null;
  return { kind: "set", credentials: parsed.data, origins };
}

/**
 * What the definition types must all be there: half of an account logs nobody in. And nothing is typed at an origin
 * that it was not set for.
 */
function usable(
  opened: OpenedCredentials,
  definition: PortalDefinition | null,
): Pick<OpenedPortal, "credentials" | "hasAccount"> & { fault: OpenedPortal["credentialsFault"] } {
  if (opened.kind === "unreadable") {
    return { credentials: null, fault: "credentials_unreadable", hasAccount: true };
  }
  const hasAccount =
    opened.kind === "set" && (!definition || belongsTo(opened, definition.origins));
  if (!hasAccount) return { credentials: null, fault: "credentials_missing", hasAccount };
  const isWhole = !definition || missingCredentials(definition, opened.credentials).length === 0;
  if (!isWhole) return { credentials: null, fault: "credentials_missing", hasAccount };
  return { credentials: opened.credentials, fault: null, hasAccount };
}
