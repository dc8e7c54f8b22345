import { isReservedHeader, looksSecret } from "../destinations/index.ts";
import type { PortalDefinition } from "../portals/schemas.ts";
import type { Snapshot } from "../session-pairs/index.ts";
import { filledHeaders, holdsValue } from "./filled-headers.ts";
import { valuesOf } from "./session-values.ts";
import type { SiteRequest } from "./site-request.ts";

/** One header; `secret`: it shows something of the session and goes to no other origin. */
export type OutgoingHeader = { name: string; value: string; secret: boolean };

/** What the jar, the snapshot and the runtime decide; beside what `isReservedHeader` knows. */
const NOT_THE_CALLERS = new Set(["cookie", "cookie2", "set-cookie", "user-agent"]);

/** Looks like a secret and is none: the other side needs it to know a request again. */
const IDEMPOTENCY_KEY = "idempotency-key";

/**
 * A request's headers without its cookies: the definition's, filled in; the request's own, which win; and the
 * browser's, which always win. Names in lower case.
 */
export function requestHeaders(
  definition: PortalDefinition,
  snapshot: Snapshot,
  request: SiteRequest,
): OutgoingHeader[] {
  const own = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]);
  const given: Record<string, string> = {
    accept: "*/*",
    ...filledHeaders(definition.headers, valuesOf(definition, snapshot)),
    ...(Object.fromEntries(own) as Record<string, string>),
  };
  const headers = Object.entries(given)
    .filter(([name]) => !NOT_THE_CALLERS.has(name) && !isReservedHeader(name))
    .map(([name, value]) => ({ name, value, secret: isSecret(name, definition) }));
  if (snapshot.userAgent !== "") {
    headers.push({ name: "user-agent", value: snapshot.userAgent, secret: false });
  }
  return headers;
}

function isSecret(name: string, { headers, health, logout }: PortalDefinition): boolean {
  const templates = [headers[name], health.headers[name], logout?.headers[name]];
  if (templates.some((template) => template !== undefined && holdsValue(template))) return true;
  return looksSecret(name) && name !== IDEMPOTENCY_KEY;
}
