import type { PortalDefinition } from "../definition.ts";

/** Definitions that every organization has, by name. */
export const SHIPPED_DEFINITIONS: Record<string, PortalDefinition> = {};
