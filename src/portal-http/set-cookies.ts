import { Cookie, defaultPath, domainMatch } from "tough-cookie";
import type { StoredCookie } from "../session-pairs/index.ts";
import { MAX_COOKIE_CHARS, MAX_COOKIE_DAYS, MAX_COOKIES_PER_SITE } from "./constants.ts";
import { isExpired } from "./cookies-for.ts";
import { fromUtf8Bytes } from "./from-utf8-bytes.ts";
import { cookieKey } from "./merge-cookies.ts";
import { isTrustworthy, registrableDomain, siteOf } from "./site-of.ts";

const SAME_SITES = { strict: "Strict", lax: "Lax", none: "None" } as const;

/**
 * The cookies after an answer's `Set-Cookie` lines, as a browser would have them; `cookies` itself when nothing is
 * different. One that is set again keeps its place, which is its age.
 */
export function withSetCookies(
  cookies: StoredCookie[],
  lines: readonly string[],
  url: URL,
  now: number,
): StoredCookie[] {
  let after = cookies;
  for (const line of lines) {
    const cookie = readSetCookie(fromUtf8Bytes(line), url, now);
    if (cookie) after = withCookie(after, cookie, now);
  }
  return after;
}

function withCookie(cookies: StoredCookie[], cookie: StoredCookie, now: number): StoredCookie[] {
  const key = cookieKey(cookie);
  const place = cookies.findIndex((other) => cookieKey(other) === key);
  if (isExpired(cookie, now)) return place < 0 ? cookies : cookies.toSpliced(place, 1);
  if (place < 0) return withinLimit([...cookies, cookie]);
  const known = cookies[place];
  return known && isSame(known, cookie) ? cookies : cookies.with(place, cookie);
}

/** The last one was added just now: of its site the oldest ones go when there are too many. */
function withinLimit(cookies: StoredCookie[]): StoredCookie[] {
  const site = ownerOf(cookies.at(-1)?.domain ?? "");
  const own = cookies.filter(({ domain }) => ownerOf(domain) === site);
  const gone = new Set(own.slice(0, Math.max(0, own.length - MAX_COOKIES_PER_SITE)));
  return gone.size === 0 ? cookies : cookies.filter((cookie) => !gone.has(cookie));
}

function ownerOf(domain: string): string {
  const host = domain.replace(/^\./, "");
  return registrableDomain(host) ?? host;
}

function isSame(a: StoredCookie, b: StoredCookie): boolean {
  return (
    a.value === b.value &&
    a.expires === b.expires &&
    a.httpOnly === b.httpOnly &&
    a.secure === b.secure &&
    a.sameSite === b.sameSite
  );
}

/** Null for a line that browsers pass over. */
function readSetCookie(line: string, url: URL, now: number): StoredCookie | null {
  const parsed = Cookie.parse(line, { loose: true });
  if (!parsed || parsed.key.length + parsed.value.length > MAX_COOKIE_CHARS) return null;
  const domain = domainOf(parsed.domain, url.hostname);
  if (domain === null) return null;
  const isPartitioned = parsed.extensions?.some((word) => /^partitioned$/i.test(word)) ?? false;
  const sameSite = readSameSite(parsed.sameSite);
  const cookie: StoredCookie = {
    name: parsed.key,
    value: parsed.value,
    domain,
    path: parsed.path ?? defaultPath(url.pathname),
    expires: expiryOf(parsed, now),
    httpOnly: parsed.httpOnly,
    secure: parsed.secure,
    sameSite,
    ...(isPartitioned && { partitionKey: siteOf(url) }),
  };
  const needsSecure =
    isPartitioned || sameSite === "None" || /^__(secure|host)-/i.test(cookie.name);
  if (needsSecure && !cookie.secure) return null;
  if (cookie.secure && !isTrustworthy(url)) return null;
  if (/^__host-/i.test(cookie.name) && (domain.startsWith(".") || parsed.path !== "/")) return null;
  return parsed.key === "" && parsed.value === "" ? null : cookie;
}

/** With a leading dot for sub-domains too; null: the host may not set it. */
function domainOf(named: string | null, host: string): string | null {
  if (!named) return host;
  // Nobody shares a public suffix or an address: such a cookie is the host's own, or nobody's.
  if (registrableDomain(named) === null) return named === host ? host : null;
  return domainMatch(host, named) === true ? `.${named}` : null;
}

/** Seconds since 1970. `Max-Age` counts before `Expires`; the library's own answer would move with each look. */
function expiryOf({ maxAge, expires }: Cookie, now: number): number | null {
  const latest = Math.floor(now / 1_000) + MAX_COOKIE_DAYS * 86_400;
  if (typeof maxAge === "number") {
    return maxAge <= 0 ? 0 : Math.min(latest, Math.floor(now / 1_000) + maxAge);
  }
  return expires instanceof Date ? Math.min(latest, Math.floor(expires.getTime() / 1_000)) : null;
}

function readSameSite(text: string | undefined): StoredCookie["sameSite"] {
  return text === "strict" || text === "lax" || text === "none" ? SAME_SITES[text] : null;
}
