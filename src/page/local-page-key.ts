/** Names of this machine. Any other one may be a page of somebody else whose name was made to point here. */
const LOOPBACK_NAMES = new Set(["localhost", "app.localhost", "127.0.0.1", "[::1]"]);

/**
 * The read-only key that the page may use without asking, or undefined. Only a local session has one, and only who
 * opens the page by a loopback name gets it: a LAN neighbour or a rebound DNS name does not.
 */
export function localPageKey(
  env: { BASE_DOMAIN: string; LOCAL_PAGE_KEY?: string },
  hostname: string,
): string | undefined {
  if (env.BASE_DOMAIN !== "localhost" || !LOOPBACK_NAMES.has(hostname)) return undefined;
  return env.LOCAL_PAGE_KEY || undefined;
}
