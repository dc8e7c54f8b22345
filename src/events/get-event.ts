import type { Context } from "../context.ts";
import { getEventInOrganization } from "./load-event.ts";
import type { Event } from "./schemas.ts";
import { toEvent } from "./to-event.ts";

export async function getEvent(ctx: Context, id: string): Promise<Event> {
  return toEvent(await getEventInOrganization(ctx, id));
}
