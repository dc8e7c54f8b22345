import type { Context } from "../context.ts";
import { describeSms } from "./describe-sms.ts";
import { getEventInOrganization } from "./load-event.ts";
import { maskEvents } from "./mask-events.ts";
import type { Event } from "./schemas.ts";
import { toEvent } from "./to-event.ts";

export async function getEvent(ctx: Context, id: string): Promise<Event> {
  const row = await getEventInOrganization(ctx, id);
  const [[masked = row], sms] = await Promise.all([maskEvents(ctx, [row]), describeSms(ctx, row)]);
  return { ...toEvent(masked), ...(sms && { sms }) };
}
