import { type AnyColumn, and, desc, eq, getTableColumns, sql } from "drizzle-orm";
import { type Context, shardOfId } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { attempts, deliveries, events } from "../db/schema/events.ts";
import { notFound } from "../errors.ts";
import { MAX_ATTEMPTS_WITH_BODIES, MAX_SHOWN_ATTEMPTS, MAX_SHOWN_BODY_BYTES } from "./constants.ts";
import { copyMask } from "./mask-copies.ts";
import {
  latestAttempt,
  presentAttempt,
  presentReceipt,
  presentSummary,
} from "./present-delivery.ts";
import type { Delivery } from "./schemas.ts";

/**
 * One delivery with its attempts, oldest first: the latest 100, and of those the latest 20 with their bodies. Bodies
 * come as hex, and cut: as D1 hands blobs over, a hundred of 256 KiB would not fit into the memory of a Worker.
 */
export async function getDelivery(ctx: Context, id: string): Promise<Delivery> {
  const { db, row } = await getDeliveryInOrganization(ctx, id);
  const withBodies = row.attempt - MAX_ATTEMPTS_WITH_BODIES;
  const shown = (column: AnyColumn) =>
    sql<
      string | null
    >`CASE WHEN ${attempts.number} > ${withBodies} THEN hex(substr(${column}, 1, ${MAX_SHOWN_BODY_BYTES})) END`;
  const [earlier, event] = await Promise.all([
    db
      .select({
        ...getTableColumns(attempts),
        requestBody: shown(attempts.requestBody),
        responseBody: shown(attempts.responseBody),
      })
      .from(attempts)
      .where(eq(attempts.deliveryId, id))
      .orderBy(desc(attempts.number))
      .limit(MAX_SHOWN_ATTEMPTS),
    loadOrigin(db, row.eventId),
  ]);
  const mask = await copyMask(ctx, row.sourceId, event, row.editBody);
  const latest = latestAttempt(row);
  const eventBody = row.editBody ?? event?.body ?? null;
  const bytes = (hex: string | null) => (hex ? Uint8Array.fromHex(hex) : null);
  const all = [
    ...earlier.toReversed().map((attempt) => ({
      ...attempt,
      requestBody: bytes(attempt.requestBody),
      responseBody: bytes(attempt.responseBody),
    })),
    ...(latest ? [latest] : []),
  ];
  return {
    ...presentSummary(row),
    attempts: all.map((attempt) =>
      presentAttempt(attempt, attempt.number > withBodies ? eventBody : null, mask),
    ),
    receipt: presentReceipt(row),
  };
}

/** What the codes in an event are found by; undefined when it is gone. */
export async function loadOrigin(db: EventsDb, eventId: string) {
  return db
    .select({
      contentType: events.contentType,
      query: events.query,
      receivedAt: events.receivedAt,
      body: events.body,
      bodyKey: events.bodyKey,
    })
    .from(events)
    .where(eq(events.id, eventId))
    .get();
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
