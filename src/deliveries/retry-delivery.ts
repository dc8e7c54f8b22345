import { and, eq, ne } from "drizzle-orm";
import type { Context } from "../context.ts";
import { destinations } from "../db/schema/control.ts";
import { deliveries } from "../db/schema/events.ts";
import { isListener } from "../destinations/index.ts";
import { BatonError } from "../errors.ts";
import { tellWatchers } from "../live/index.ts";
import { getDeliveryInOrganization } from "./get-delivery.ts";
import { presentSummary } from "./present-delivery.ts";
import type { DeliverySummary } from "./schemas.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";
import { waitingColumns } from "./waiting-columns.ts";

/** Tries a delivery once more, now, whatever its state; 409 while a try is under way or its destination is off. */
export async function retryDelivery(ctx: Context, id: string): Promise<DeliverySummary> {
  const { db, row } = await getDeliveryInOrganization(ctx, id);
  const kind = await enabledKind(ctx, row.destinationId);
  const [updated] = await db
    .update(deliveries)
    .set({
      status: row.attempt === 0 ? "pending" : "retrying",
      endReason: null,
      ...waitingColumns(kind, Date.now()),
    })
    .where(and(eq(deliveries.id, id), ne(deliveries.status, "delivering")))
    .returning();
  if (!updated) {
    throw new BatonError(
      "conflict",
      "A try of this delivery is under way. Look again when it has ended.",
    );
  }
  const { nextAttemptAt } = updated;
  if (!isListener(kind)) await sendDeliveryTasks(ctx, [{ id, nextAttemptAt, byHand: true }]);
  await tellWatchers(ctx, [updated]);
  return presentSummary(updated);
}

/** Its kind; 409 when it is off or gone. */
async function enabledKind(ctx: Context, id: string): Promise<string> {
  const row = await ctx.db
    .select({ enabled: destinations.enabled, kind: destinations.kind })
    .from(destinations)
    .where(and(eq(destinations.id, id), eq(destinations.organizationId, ctx.organizationId)))
    .get();
  if (!row) {
    throw new BatonError(
      "conflict",
      "The destination was deleted. Replay the event to another one.",
    );
  }
  if (!row.enabled) {
    throw new BatonError("conflict", "The destination is disabled. Enable it first, then retry.");
  }
  return row.kind;
}
