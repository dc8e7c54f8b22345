import type { PortalDefinition } from "../portals/schemas.ts";

/** True for a URL on one of the origins that a portal may go to. The definition is resolved. */
export function isOnAllowedOrigin(
  { origins }: Pick<PortalDefinition, "origins">,
  url: URL,
): boolean {
  if (url.protocol !== "https:" && url.protocol !== "http:") return false;
  return origins.some((origin) => URL.parse(origin)?.origin === url.origin);
}
