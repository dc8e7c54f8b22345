/**
 * An address of a site: a URL as it is, a path below the portal's base URL. `baseUrl` has no slash at its end. Null
 * for a text that is none.
 */
export function siteUrl(baseUrl: string, address: string): string | null {
  const isWhole = /^[a-z][a-z0-9+.-]*:/i.test(address);
  const text = isWhole ? address : `${baseUrl}${address.startsWith("/") ? "" : "/"}${address}`;
  return URL.parse(text)?.href ?? null;
}

/** True for a URL on one of the origins, without a user name in it. */
export function isAllowedUrl(origins: readonly string[], text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.username !== "" || url.password !== "") return false;
  return (url.protocol === "https:" || url.protocol === "http:") && origins.includes(url.origin);
}
