import { globTest } from "../glob.ts";

/**
 * True when a URL fits a glob. A glob that begins with `/` is a path on any host, any other a whole URL; the query and
 * the fragment are looked at only when the glob has `?` or `#` in it.
 */
export function matchesUrl(glob: string, address: string): boolean {
  const url = URL.parse(address);
  if (!url) return false;
  const start = glob.startsWith("/") ? "" : url.origin;
  const query = glob.includes("?") || glob.includes("#") ? url.search : "";
  const fragment = glob.includes("#") ? url.hash : "";
  return globTest(glob)(`${start}${url.pathname}${query}${fragment}`);
}
