import type { Context } from "../context.ts";
import { BatonError } from "../errors.ts";
import { getEventInOrganization } from "./load-event.ts";
import { loadEventBody } from "./load-event-body.ts";

/** An event's body with its content type. 404 when the body was deleted before its event. */
export async function getEventBody(ctx: Context, id: string) {
  const event = await getEventInOrganization(ctx, id);
  const body = await loadEventBody(ctx, event);
  if (body === null) {
    throw new BatonError(
      "not_found",
      `The body of event ${id} was deleted; its other facts remain.`,
    );
  }
  return { body, contentType: event.contentType ?? "application/octet-stream" };
}
