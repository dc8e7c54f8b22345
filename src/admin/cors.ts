import type { Context, MiddlewareHandler } from "hono";
import { openControl } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { isAllowedOrigin } from "../organizations/index.ts";
import { claimedOrganization } from "../tokens/index.ts";
import { readCredential } from "./credential.ts";
import type { AdminEnv } from "./router.ts";

const PREFLIGHT_HEADERS = {
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": "authorization, content-type, idempotency-key, last-event-id",
  "access-control-max-age": "600",
};

/**
 * Middleware of calls that pages of other origins may make. A preflight has no credentials that would say whose origins
 * count, so every origin may ask; who may read the answer is said in the answer, errors too.
 */
export const applyCors: MiddlewareHandler<AdminEnv> = async (c, next) => {
  const origin = c.req.header("origin");
  if (origin !== undefined && isPreflight(c)) {
    return c.body(null, 204, {
      ...PREFLIGHT_HEADERS,
      "access-control-allow-origin": origin,
      vary: "origin",
    });
  }
  await next();
  c.header("vary", "origin", { append: true });
  if (origin === undefined || isOwnOrigin(c, origin)) return;
  if (c.get("isAllowedOrigin") ?? (await isClaimed(c, origin))) {
    c.header("access-control-allow-origin", origin);
    c.header("access-control-expose-headers", "retry-after");
  }
};

/**
 * Middleware, behind `authenticate`: finds out whether the page's origin is one of the organization's. A WebSocket of
 * any other page is 403: browsers open those without asking, and send cookies along.
 */
export const checkOrigin: MiddlewareHandler<AdminEnv> = async (c, next) => {
  const origin = c.req.header("origin");
  if (origin === undefined || isOwnOrigin(c, origin)) return next();
  const { db, organizationId } = c.get("ctx");
  const isAllowed = await isAllowedOrigin(db, organizationId, origin);
  c.set("isAllowedOrigin", isAllowed);
  if (!isAllowed && c.req.header("upgrade")?.toLowerCase() === "websocket") {
    throw new BatonError(
      "forbidden",
      "Pages of this origin may not open this; add it to the organization's `allowedOrigins`.",
    );
  }
  await next();
};

function isPreflight(c: Context<AdminEnv>): boolean {
  return c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined;
}

/** The app's, by the name that it is called by. */
function isOwnOrigin(c: Context<AdminEnv>, origin: string): boolean {
  return origin === new URL(c.req.url).origin || origin === new URL(c.env.APP_URL).origin;
}

/** Of a token that was refused: its own organization's pages may read why. */
async function isClaimed(c: Context<AdminEnv>, origin: string): Promise<boolean> {
  const organizationId = claimedOrganization(readCredential(c) ?? "");
  if (organizationId === null) return false;
  return isAllowedOrigin(openControl(c.env.DB), organizationId, origin);
}
