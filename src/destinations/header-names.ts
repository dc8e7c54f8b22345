/** Headers between two hops (RFC 9110 §7.6.1 and its older kin). */
const HOP_BY_HOP = new Set([
  "connection",
  "expect",
  "keep-alive",
  "te",
  "trailer",
  "trailers",
  "transfer-encoding",
  "upgrade",
]);

/** Headers that a platform or a proxy writes about the connection: they describe our caller, not our call. */
const PLATFORM = new Set(["cdn-loop", "forwarded", "true-client-ip", "x-real-ip"]);
const PLATFORM_PREFIXES = ["cf-", "mf-", "proxy-", "x-forwarded-"];

/** Headers that the client of the call decides. */
const CLIENT = new Set(["accept-encoding", "content-length", "host"]);

const OWN_PREFIXES = ["webhook-", "x-baton-"];

const SECRET_LOOKING = /auth|token|secret|key|cookie|signature|password/i;
const ALWAYS_SECRET = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
  "webhook-signature",
]);

/** Captured headers that are handed over only with `forwardCredentials`; `proxy-authorization` is one for some senders. */
export const CREDENTIALS: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
]);

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** True for a name of RFC 9110's `token` grammar. */
export function isToken(name: string): boolean {
  return TOKEN.test(name);
}

/** True for a header that neither a capture nor a config can hand over. `name` in lower case. */
export function isReserved(name: string): boolean {
  return (
    HOP_BY_HOP.has(name) ||
    PLATFORM.has(name) ||
    CLIENT.has(name) ||
    PLATFORM_PREFIXES.some((prefix) => name.startsWith(prefix)) ||
    OWN_PREFIXES.some((prefix) => name.startsWith(prefix))
  );
}

/** True for a configured header whose value is shown masked. */
export function looksSecret(name: string): boolean {
  return SECRET_LOOKING.test(name);
}

/** True for a header whose value is never stored with an attempt. `name` in lower case. */
export function isAlwaysSecret(name: string): boolean {
  return ALWAYS_SECRET.has(name);
}
