import type { Context } from "../context.ts";
import { getDestinationInOrganization } from "./find-destination.ts";
import type { Destination } from "./schemas.ts";
import { toDestination } from "./to-destination.ts";

/** One destination, secrets masked. */
export async function getDestination(ctx: Context, id: string): Promise<Destination> {
  return toDestination(ctx.settings, await getDestinationInOrganization(ctx, id));
}
