export { callPair } from "./call-pair.ts";
export { enablePortal } from "./enable-portal.ts";
export { findDefinition } from "./find-definition.ts";
export { getDefaultPortal, getPortalInOrganization } from "./find-portal.ts";
export { type OpenedPortal, openPortal } from "./open-portal.ts";
export { resolveDefinition } from "./resolve-definition.ts";
export { isAllowedUrl, siteUrl } from "./site-url.ts";
export { tickPortals } from "./tick-portals.ts";
export type { PortalRow } from "./to-portal.ts";
