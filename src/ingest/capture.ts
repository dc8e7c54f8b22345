import { MAX_SENDER_NAME_CHARS } from "./constants.ts";

/** Headers that the platform adds on the way; they are not the sender's. */
const PLATFORM_HEADERS = new Set([
  "cf-connecting-ip",
  "cf-connecting-ipv6",
  "cf-ew-via",
  "cf-ipcountry",
  "cf-ray",
  "cf-visitor",
  "cf-worker",
  "mf-original-hostname",
]);

/** What `request.cf` tells about the connection, as far as it helps to say who called. */
const NETWORK_FACTS = [
  "country",
  "region",
  "city",
  "timezone",
  "asn",
  "asOrganization",
  "colo",
  "httpProtocol",
  "tlsVersion",
  "tlsCipher",
] as const;

/** The sender's headers. The platform gives names in lower case and joins duplicates with `, `. */
export function captureHeaders(headers: Headers): [string, string][] {
  return [...headers].filter(([name]) => !PLATFORM_HEADERS.has(name));
}

/** TLS and geo facts. */
export function captureNetwork(request: Request): Record<string, string | number> {
  const cf = (request.cf ?? {}) as Record<string, unknown>;
  const facts: Record<string, string | number> = {};
  for (const name of NETWORK_FACTS) {
    const value = cf[name];
    if (typeof value === "string" || typeof value === "number") facts[name] = value;
  }
  return facts;
}

/** Raw query without `?`. Taken from the text: `URLSearchParams` would decode and encode it again. */
export function rawQuery(url: string): string {
  const withoutFragment = url.split("#", 1)[0] ?? "";
  const at = withoutFragment.indexOf("?");
  return at < 0 ? "" : withoutFragment.slice(at + 1);
}

/** Who called, as far as it can be said without a key: user agent and address. */
export function senderName(userAgent: string | null, ip: string | null): string {
  return `${userAgent || "unknown"} @ ${ip ?? "unknown"}`.slice(0, MAX_SENDER_NAME_CHARS);
}

/** Who called when a signature says it: the preset and the user agent. Many addresses send for one provider. */
export function verifiedSenderName(preset: string, headers: Headers): string {
  return `${preset}: ${headers.get("user-agent") || "unknown"}`.slice(0, MAX_SENDER_NAME_CHARS);
}

/**
 * How many Baton hosts the request has passed. A header that came twice is joined by the platform: the largest number
 * counts, so that nobody on the way can start the count again. What is no number counts as none.
 */
export function readHops(header: string | null): number {
  const hops = (header ?? "").split(",").map(Number);
  return Math.max(0, ...hops.filter(Number.isInteger));
}
