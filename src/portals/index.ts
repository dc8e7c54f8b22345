export { type OpenedPortal, openPortal } from "./open-portal.ts";
export { resolveDefinition } from "./resolve-definition.ts";
export { isAllowedUrl } from "./site-url.ts";
