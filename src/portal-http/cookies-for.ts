import { domainMatch, pathMatch } from "tough-cookie";
import type { StoredCookie } from "../session-pairs/index.ts";
import { isSendable } from "./filled-headers.ts";
import { isTrustworthy, siteOf } from "./site-of.ts";

/** Where a request goes and who asks for it. */
type Asked = {
  url: URL;
  method: string;
  /** The page that asked: another site's request carries fewer cookies. */
  from: URL;
  /** ms UTC. */
  now: number;
};

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * The cookies that a browser would send with a top-level request, in the order it would: longer paths first, then older
 * ones. Those that are not ASCII stay behind (`isSendable`).
 */
export function cookiesFor(cookies: readonly StoredCookie[], asked: Asked): StoredCookie[] {
  return cookies
    .filter(
      (cookie) =>
        !isExpired(cookie, asked.now) &&
        reachesHost(cookie, asked.url.hostname) &&
        pathMatch(asked.url.pathname, cookie.path) &&
        (!cookie.secure || isTrustworthy(asked.url)) &&
        isAllowedAcross(cookie, asked) &&
        isOfPartition(cookie, asked.url) &&
        isSendable(`${cookie.name}${cookie.value}`),
    )
    .sort((a, b) => b.path.length - a.path.length);
}

/** The value of a `cookie` header; "" for none. */
export function cookieHeader(cookies: readonly StoredCookie[]): string {
  // A cookie without a name is its value alone.
  return cookies.map(({ name, value }) => (name === "" ? value : `${name}=${value}`)).join("; ");
}

export function isExpired({ expires }: StoredCookie, now: number): boolean {
  return expires !== null && expires * 1_000 <= now;
}

function reachesHost({ domain }: StoredCookie, host: string): boolean {
  const name = domain.toLowerCase();
  return name.startsWith(".") ? domainMatch(host, name.slice(1)) === true : name === host;
}

/** `SameSite`; browsers take one that says nothing for `Lax`. */
function isAllowedAcross({ sameSite }: StoredCookie, { url, from, method }: Asked): boolean {
  if (sameSite === "None" || siteOf(url) === siteOf(from)) return true;
  return sameSite !== "Strict" && SAFE_METHODS.has(method);
}

/** At the top level a site's partition is its own. */
function isOfPartition({ partitionKey }: StoredCookie, url: URL): boolean {
  if (partitionKey === undefined) return true;
  const top = URL.parse(partitionKey);
  return top !== null && siteOf(top) === siteOf(url);
}
