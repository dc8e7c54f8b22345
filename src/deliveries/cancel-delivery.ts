import { and, eq, inArray } from "drizzle-orm";
import type { Context } from "../context.ts";
import { deliveries } from "../db/schema/events.ts";
import { BatonError } from "../errors.ts";
import { tellWatchers } from "../live/index.ts";
import { getDeliveryInOrganization } from "./get-delivery.ts";
import { presentSummary } from "./present-delivery.ts";
import type { DeliverySummary } from "./schemas.ts";
import { settleGates } from "./settle-gates.ts";

/** Ends a delivery that waits for a try; 409 when it has ended or a try is under way. */
export async function cancelDelivery(ctx: Context, id: string): Promise<DeliverySummary> {
  const { db, row } = await getDeliveryInOrganization(ctx, id);
  const [cancelled] = await db
    .update(deliveries)
    .set({ status: "cancelled", endReason: "cancelled", nextAttemptAt: null })
    .where(and(eq(deliveries.id, id), inArray(deliveries.status, ["pending", "retrying"])))
    .returning();
  if (!cancelled) {
    throw new BatonError(
      "conflict",
      `Only a waiting delivery can be cancelled; this one is ${row.status}.`,
    );
  }
  await settleGates(ctx, [cancelled]);
  await tellWatchers(ctx, [cancelled]);
  return presentSummary(cancelled);
}
