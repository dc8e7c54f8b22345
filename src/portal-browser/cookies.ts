import type { StoredCookie } from "../session-pairs/index.ts";
import type { Tab } from "./tab.ts";

/** As the DevTools protocol has it; a partition's key was a text before it was an object. */
type RawCookie = Omit<StoredCookie, "expires" | "sameSite" | "partitionKey"> & {
  expires: number;
  session: boolean;
  sameSite?: "Strict" | "Lax" | "None";
  partitionKey?: string | { topLevelSite: string };
};

/** The browser's cookies that belong to the hosts of some origins, session cookies too. */
export async function readCookies(tab: Tab, origins: readonly string[]): Promise<StoredCookie[]> {
  const { cookies } = (await tab.cdp.send("Storage.getCookies")) as unknown as {
    cookies: RawCookie[];
  };
  const hosts = origins.map((origin) => new URL(origin).hostname);
  return cookies
    .filter(({ domain }) => hosts.some((host) => isRelated(host, domain)))
    .map(toStored);
}

/** Puts cookies into the browser; those that have expired are left out. */
export async function writeCookies(tab: Tab, cookies: readonly StoredCookie[]): Promise<void> {
  const now = Date.now() / 1000;
  const raw = cookies.filter(({ expires }) => expires === null || expires > now).map(toRaw);
  // The driver's types know the key as a text only.
  if (raw.length > 0) await tab.cdp.send("Storage.setCookies", { cookies: raw as never });
}

/** The browser has these cookies then, and no others. */
export async function replaceCookies(tab: Tab, cookies: readonly StoredCookie[]): Promise<void> {
  await tab.cdp.send("Storage.clearCookies");
  await writeCookies(tab, cookies);
}

/** A cookie of the host, of a domain above it, or of a host below it that its pages may call. */
function isRelated(host: string, cookieDomain: string): boolean {
  const domain = cookieDomain.replace(/^\./, "");
  return host === domain || host.endsWith(`.${domain}`) || domain.endsWith(`.${host}`);
}

function toStored(raw: RawCookie): StoredCookie {
  const { name, value, domain, path, httpOnly, secure } = raw;
  const key =
    typeof raw.partitionKey === "object" ? raw.partitionKey.topLevelSite : raw.partitionKey;
  return {
    name,
    value,
    domain,
    path,
    expires: raw.session ? null : raw.expires,
    httpOnly,
    secure,
    sameSite: raw.sameSite ?? null,
    ...(key === undefined ? {} : { partitionKey: key }),
  };
}

function toRaw({ expires, sameSite, partitionKey, ...cookie }: StoredCookie) {
  return {
    ...cookie,
    ...(expires === null ? {} : { expires }),
    ...(sameSite === null ? {} : { sameSite }),
    ...(partitionKey === undefined
      ? {}
      : { partitionKey: { topLevelSite: partitionKey, hasCrossSiteAncestor: false } }),
  };
}
