import type { Context } from "../context.ts";
import { getPortalInOrganization } from "./find-portal.ts";
import type { Portal } from "./schemas.ts";
import { toPortal } from "./to-portal.ts";

/** One portal, credentials masked. */
export async function getPortal(ctx: Context, id: string): Promise<Portal> {
  return toPortal(ctx, await getPortalInOrganization(ctx, id));
}
