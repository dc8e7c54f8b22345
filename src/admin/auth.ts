import type { Context, MiddlewareHandler } from "hono";
import { authenticateKey, type Scope } from "../api-keys/index.ts";
import { readSettings, type Settings } from "../context.ts";
import { type ControlDb, openControl, openShards } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { localPageKey } from "../page/index.ts";
import type { SessionPairs } from "../session-pairs/index.ts";
import { type Grant, looksLikeToken, verifyToken } from "../tokens/index.ts";
import { isChannelCall, readCredential } from "./credential.ts";
import type { AdminEnv } from "./router.ts";

const IMPLIED: Record<Scope, readonly Scope[]> = {
  read: ["read"],
  write: ["read", "write"],
  admin: ["read", "write", "admin"],
};

/** Finds the organization of the request's API key, on channels also of a channel token; else 401. */
export const authenticate: MiddlewareHandler<AdminEnv> = async (c, next) => {
  const credential = readCredential(c);
  if (!credential) {
    throw new BatonError("unauthorized", "Send an API key: `Authorization: Bearer bt_…`.");
  }
  const db = openControl(c.env.DB);
  const settings = readSettings(c.env);
  const { organizationId, isOperator, scopes, grant } = await identify(c, credential, {
    db,
    settings,
  });
  c.set("ctx", {
    db,
    shards: openShards(c.env),
    bodies: c.env.BODIES,
    eventsQueue: c.env.EVENTS_QUEUE,
    deliveriesQueue: c.env.DELIVERIES_QUEUE,
    gates: c.env.GATE,
    channels: c.env.CHANNEL,
    pairs: c.env.SESSION_PAIR as unknown as SessionPairs,
    mailboxes: c.env.CODE_MAILBOX,
    scripts: { loader: c.env.LOADER, worker: "app" },
    settings,
    organizationId,
    isOperator,
  });
  c.set("scopes", [...new Set(scopes.flatMap((scope) => IMPLIED[scope]))]);
  c.set("grant", grant);
  await next();
};

type Identity = {
  organizationId: string;
  isOperator: boolean;
  scopes: readonly Scope[];
  /** Of a channel token, which has no scopes. */
  grant?: Grant;
};

async function identify(
  c: Context<AdminEnv>,
  credential: string,
  deps: { db: ControlDb; settings: Settings },
): Promise<Identity> {
  if (!looksLikeToken(credential)) return authenticateKey(deps.db, credential);
  if (!isChannelCall(c)) {
    throw new BatonError(
      "unauthorized",
      "A channel token is good for /api/v1/channels only; send an API key.",
    );
  }
  const grant = await verifyToken(deps, credential);
  return { organizationId: grant.organizationId, isOperator: false, scopes: [], grant };
}

/** Middleware: 403 unless the key has the scope. `admin` implies `write`, `write` implies `read`. */
export function requires(scope: Scope): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    if (!c.get("scopes").includes(scope)) {
      throw new BatonError("forbidden", `This call needs an API key with scope \`${scope}\`.`);
    }
    await next();
  };
}

/**
 * Middleware: like `requires("write")`, and open to a local session's own page, whose key may only read: there, whoever
 * opens the page chooses who they are.
 */
export const requiresWriteOrLocalPage: MiddlewareHandler<AdminEnv> = async (c, next) => {
  const env = c.env as AppEnv & { LOCAL_PAGE_KEY?: string };
  const pageKey = localPageKey(env, new URL(c.req.url).hostname);
  if (pageKey !== undefined && readCredential(c) === pageKey) return next();
  return requires("write")(c, next);
};

/** Middleware: 403 unless the organization is the deployment's own. */
export const operatorOnly: MiddlewareHandler<AdminEnv> = async (c, next) => {
  if (!c.get("ctx").isOperator) {
    throw new BatonError("forbidden", "Only the operator's organization may do this.");
  }
  await next();
};
