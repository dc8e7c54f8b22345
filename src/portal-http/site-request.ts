import type { PortalDefinition } from "../portals/schemas.ts";
import type { Snapshot } from "../session-pairs/index.ts";
import { filledHeaders } from "./filled-headers.ts";
import { valuesOf } from "./session-values.ts";

/** A request to a portal's site. */
export type SiteRequest = {
  method: string;
  /** Absolute, on an allowed origin. */
  url: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | null;
};

/** The request whose answer shows whether a session is logged in, for any transport. The definition is resolved. */
export function healthRequest(definition: PortalDefinition, snapshot: Snapshot): SiteRequest {
  return toRequest(definition, definition.health, snapshot);
}

/** The request that ends a session; null: the site has none. */
export function logoutRequest(
  definition: PortalDefinition,
  snapshot: Snapshot,
): SiteRequest | null {
  return definition.logout ? toRequest(definition, definition.logout, snapshot) : null;
}

function toRequest(
  definition: PortalDefinition,
  { method, url, headers, body }: NonNullable<PortalDefinition["logout"]>,
  snapshot: Snapshot,
): SiteRequest {
  return {
    method,
    url,
    headers: filledHeaders(headers, valuesOf(definition, snapshot)),
    body: body === undefined ? null : new Uint8Array(new TextEncoder().encode(body)),
  };
}
