/** Where phones send to without naming a source. */
export const PHONE_PATH = "/webhook/sms";

/** Where a request is addressed to, as far as its URL tells. */
export type Target =
  | { kind: "app" }
  /** Phones: a sender's key tells the source. `key` is the one in the path, and `path` is without it. */
  | { kind: "phone"; key: string | null; path: string }
  | { kind: "slug"; slug: string; path: string }
  /** A name outside the base domain: a source's own hostname, or else what `otherwise` says. */
  | { kind: "hostname"; hostname: string; path: string; otherwise: Target | null };

type Hosts = { baseDomain: string; appUrl: string };

/**
 * Reads the target from the URL.
 *
 * - `<slug>.<base>/…` → that source; `<app host>/in/<slug>/…` → that source, its path without `/in/<slug>`;
 *   `<app host>/webhook/sms/…` → phones
 * - any other name → a source's own hostname; where there is none, `/in/<slug>/…` and `/webhook/sms/…` work
 *   (workers.dev, a tunnel), and in a local session every other path is the app's: `127.0.0.1`, a LAN address, a tunnel's name.
 */
export function readTarget(url: URL, hosts: Hosts): Target {
  // A name may be written with the root's dot: it is the same host.
  const hostname = url.hostname.replace(/\.$/, "");
  const local = hosts.baseDomain === "localhost";
  if (hostname === new URL(hosts.appUrl).hostname || hostname === `app.${hosts.baseDomain}`) {
    return pathTarget(url.pathname) ?? { kind: "app" };
  }
  const label = labelUnder(hostname, hosts.baseDomain);
  if (label) return { kind: "slug", slug: label, path: url.pathname };
  const otherwise = pathTarget(url.pathname) ?? (local ? { kind: "app" } : null);
  return { kind: "hostname", hostname, path: url.pathname, otherwise };
}

/** `/webhook/sms/<key>/rest`, also `~<key>` → the key and the path without it; null for any other path. */
export function readPhonePath(pathname: string): { key: string | null; path: string } | null {
  const found = /^\/webhook\/sms(?:\/~?([^/]*)(\/.*)?)?$/.exec(pathname);
  return found && { key: found[1] || null, path: PHONE_PATH + (found[2] ?? "") };
}

/** `/in/<slug>/rest` → the source and `/rest`; `/webhook/sms/…` → phones. */
function pathTarget(pathname: string): Target | null {
  const phone = readPhonePath(pathname);
  if (phone) return { kind: "phone", ...phone };
  const found = /^\/in\/([^/]+)(\/.*)?$/.exec(pathname);
  if (!found) return null;
  return { kind: "slug", slug: (found[1] ?? "").toLowerCase(), path: found[2] ?? "/" };
}

/** The single label before the base domain, or null. */
function labelUnder(hostname: string, baseDomain: string): string | null {
  if (!hostname.endsWith(`.${baseDomain}`)) return null;
  const label = hostname.slice(0, -baseDomain.length - 1);
  return label.includes(".") ? null : label;
}
