import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { AdminEnv } from "./router.ts";

/** Cookie of the local session's first page; holds a key with scope `read`. */
export const PAGE_COOKIE = "baton_page";

/** Calls that a channel token opens too. */
export function isChannelCall(c: Context<AdminEnv>): boolean {
  return c.req.path.startsWith("/api/v1/channels/");
}

/**
 * What the caller shows: the `Authorization` header, else the page's cookie. On channels and live streams `?token=`
 * stands before the cookie, as browsers send no header with a WebSocket or an EventSource.
 */
export function readCredential(c: Context<AdminEnv>): string | undefined {
  const isStream = isChannelCall(c) || c.req.path.endsWith("/live");
  const inQuery = isStream ? c.req.query("token") : undefined;
  return bearer(c.req.header("authorization")) ?? (inQuery || getCookie(c, PAGE_COOKIE));
}

function bearer(header: string | undefined): string | undefined {
  return header?.match(/^Bearer +(\S+)$/i)?.[1];
}
