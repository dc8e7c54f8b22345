import type { PortalDefinition } from "../portals/schemas.ts";
import type { Snapshot } from "./snapshot.ts";

/** The definition as a session may use it: at the origins that it was made for, whatever has been added since. */
export function withinOrigins(
  definition: PortalDefinition,
  { origins }: Snapshot,
): PortalDefinition {
  if (!origins) return definition;
  return { ...definition, origins: definition.origins.filter((one) => origins.includes(one)) };
}
