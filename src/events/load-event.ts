import { and, eq } from "drizzle-orm";
import { type Context, shardOfId } from "../context.ts";
import { events } from "../db/schema/events.ts";
import { notFound } from "../errors.ts";

/** Everything but the body: a list must not read megabytes to show a page. */
export const EVENT_COLUMNS = {
  id: events.id,
  organizationId: events.organizationId,
  sourceId: events.sourceId,
  senderId: events.senderId,
  senderName: events.senderName,
  senderBy: events.senderBy,
  method: events.method,
  host: events.host,
  path: events.path,
  query: events.query,
  headers: events.headers,
  contentType: events.contentType,
  size: events.size,
  sha256: events.sha256,
  bodyKey: events.bodyKey,
  ip: events.ip,
  network: events.network,
  receivedAt: events.receivedAt,
  status: events.status,
  routedAt: events.routedAt,
};

export type EventRow = Pick<typeof events.$inferSelect, keyof typeof EVENT_COLUMNS>;

/** Loads an event without its body; 404 for another organization's. */
export async function getEventInOrganization(ctx: Context, id: string): Promise<EventRow> {
  const row = await shardOfId(ctx, "event", id)
    .select(EVENT_COLUMNS)
    .from(events)
    .where(and(eq(events.id, id), eq(events.organizationId, ctx.organizationId)))
    .get();
  if (!row) throw notFound("event", id);
  return row;
}
