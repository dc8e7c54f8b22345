import type { Portal } from "../portals/schemas.ts";
import { type Call } from "./call.ts";
import { type Resource, resolveId } from "./resource.ts";

export const PORTALS: Resource<Portal> = {
  name: "portals",
  path: () => "/portals",
  idPrefix: "prt",
  one: "portal",
  names: ({ name }) => [name],
  columns: ({ columns, portals }) => [
    { title: columns.id, of: ({ id }) => id },
    { title: columns.name, of: ({ name }) => name },
    { title: portals.columns.definition, of: ({ definition }) => definition },
    { title: portals.columns.site, of: ({ baseUrl }) => baseUrl },
    { title: portals.columns.account, of: ({ credentials }) => credentials?.username ?? "" },
    { title: columns.enabled, of: ({ enabled }) => enabled },
  ],
};

/** Path of a portal, by its id or name. */
export async function portalPath(call: Call, reference: string): Promise<string> {
  return `/portals/${encodeURIComponent(await resolveId(call, PORTALS, reference))}`;
}
