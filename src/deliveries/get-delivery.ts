import { and, asc, eq } from "drizzle-orm";
import { type Context, shardOfId } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { attempts, deliveries, events } from "../db/schema/events.ts";
import { notFound } from "../errors.ts";
import { latestAttempt, presentAttempt, presentSummary } from "./present-delivery.ts";
import type { Delivery } from "./schemas.ts";

/** One delivery with all its attempts, oldest first. */
export async function getDelivery(ctx: Context, id: string): Promise<Delivery> {
  const { db, row } = await getDeliveryInOrganization(ctx, id);
  const [earlier, event] = await db.batch([
    db.select().from(attempts).where(eq(attempts.deliveryId, id)).orderBy(asc(attempts.number)),
    db.select({ body: events.body }).from(events).where(eq(events.id, row.eventId)),
  ]);
  const latest = latestAttempt(row);
  const eventBody = row.editBody ?? event[0]?.body ?? null;
  return {
    ...presentSummary(row),
    attempts: [...earlier, ...(latest ? [latest] : [])].map((attempt) =>
      presentAttempt(attempt, eventBody),
    ),
  };
}

/** Loads a delivery and its database; 404 for another organization's. */
export async function getDeliveryInOrganization(
  ctx: Context,
  id: string,
): Promise<{ db: EventsDb; row: typeof deliveries.$inferSelect }> {
  const db = shardOfId(ctx, "delivery", id);
  const row = await db
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.id, id), eq(deliveries.organizationId, ctx.organizationId)))
    .get();
  if (!row) throw notFound("delivery", id);
  return { db, row };
}
