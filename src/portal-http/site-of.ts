import { getPublicSuffix } from "tough-cookie";
import { isLocalHttp } from "../destinations/index.ts";

/** A URL's site, as browsers tell sites apart: scheme and registrable domain, e.g. `https://example.com`. Ports do not count. */
export function siteOf({ protocol, hostname }: URL): string {
  return `${protocol}//${registrableDomain(hostname) ?? hostname}`;
}

/** The part of a name that somebody has registered; null for public suffixes, single names and addresses. */
export function registrableDomain(hostname: string): string | null {
  if (!hostname.includes(".") || hostname.startsWith("[")) return null;
  // The library's name for it is wrong: it gives the suffix with one label more.
  const options = { allowSpecialUseDomain: true, ignoreError: true };
  return getPublicSuffix(hostname, options) ?? null;
}

/** True where browsers send and take `Secure` cookies: https, and this machine. */
export function isTrustworthy(url: URL): boolean {
  return url.protocol === "https:" || isLocalHttp(url);
}
