import { getPublicSuffix } from "tough-cookie";

/** The registrable domain of a page's address, e.g. `example.co.kr`; its host's name where there is none, "" of no address. */
export function domainOf(url: string): string {
  const hostname = URL.canParse(url) ? new URL(url).hostname : "";
  if (!hostname.includes(".") || hostname.startsWith("[")) return hostname;
  // The library's name for it is wrong: it gives the suffix with one label more.
  const options = { allowSpecialUseDomain: true, ignoreError: true };
  return getPublicSuffix(hostname, options) ?? hostname;
}
