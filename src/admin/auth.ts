import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { authenticateKey, type Scope } from "../api-keys/index.ts";
import { readSettings } from "../context.ts";
import { openControl, openShards } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import type { AdminEnv } from "./router.ts";

/** Cookie of the local session's first page; holds a key with scope `read`. */
export const PAGE_COOKIE = "baton_page";

const IMPLIED: Record<Scope, readonly Scope[]> = {
  read: ["read"],
  write: ["read", "write"],
  admin: ["read", "write", "admin"],
};

/** Finds the organization of the request's API key, else 401. */
export const authenticate: MiddlewareHandler<AdminEnv> = async (c, next) => {
  const key = bearer(c.req.header("authorization")) ?? getCookie(c, PAGE_COOKIE) ?? keyInUrl(c);
  if (!key) {
    throw new BatonError("unauthorized", "Send an API key: `Authorization: Bearer bt_…`.");
  }
  const db = openControl(c.env.DB);
  const found = await authenticateKey(db, key);
  c.set("ctx", {
    db,
    shards: openShards(c.env),
    bodies: c.env.BODIES,
    eventsQueue: c.env.EVENTS_QUEUE,
    deliveriesQueue: c.env.DELIVERIES_QUEUE,
    gates: c.env.GATE,
    channels: c.env.CHANNEL,
    scripts: { loader: c.env.LOADER, worker: "app" },
    settings: readSettings(c.env),
    organizationId: found.organizationId,
    isOperator: found.isOperator,
  });
  c.set("scopes", [...new Set(found.scopes.flatMap((scope) => IMPLIED[scope]))]);
  await next();
};

/** Middleware: 403 unless the key has the scope. `admin` implies `write`, `write` implies `read`. */
export function requires(scope: Scope): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    if (!c.get("scopes").includes(scope)) {
      throw new BatonError("forbidden", `This call needs an API key with scope \`${scope}\`.`);
    }
    await next();
  };
}

/** Middleware: 403 unless the organization is the deployment's own. */
export const operatorOnly: MiddlewareHandler<AdminEnv> = async (c, next) => {
  if (!c.get("ctx").isOperator) {
    throw new BatonError("forbidden", "Only the operator's organization may do this.");
  }
  await next();
};

/** An `EventSource` has no headers of its own: calls that are read by one take a key in the URL, and no other call does. */
function keyInUrl(c: Context<AdminEnv>): string | undefined {
  return c.req.path.endsWith("/live") ? c.req.query("token") : undefined;
}

function bearer(header: string | undefined): string | undefined {
  return header?.match(/^Bearer +(\S+)$/i)?.[1];
}
