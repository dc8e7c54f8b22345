import { PortalDefinition } from "../definition.ts";
import { DELIVERY_PARTNER_CENTER } from "./delivery-partner-center.ts";
import { SIMULATED } from "./simulated.ts";

/** Definitions that every organization has, by name; one of its own with the same name comes before. */
export const SHIPPED_DEFINITIONS: Readonly<Record<string, PortalDefinition>> = {
  simulated: PortalDefinition.parse(SIMULATED),
  "delivery-partner-center": PortalDefinition.parse(DELIVERY_PARTNER_CENTER),
};
