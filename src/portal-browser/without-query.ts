/** An address as it may be kept: a query can hold anything. */
export function withoutQuery(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed || parsed.origin === "null") return "";
  return `${parsed.origin}${parsed.pathname}`;
}
