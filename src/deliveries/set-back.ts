import { and, eq, sql } from "drizzle-orm";
import { shardOfId } from "../context.ts";
import { deliveries } from "../db/schema/events.ts";
import type { ConsumerDeps } from "./deps.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";

/** Gives a claim back untried: the delivery waits, or ends when its destination has been disabled meanwhile. */
export async function setBack(
  deps: ConsumerDeps,
  row: { id: string; attempt: number; leaseId?: string | null },
  { until, reason }: { until: number; reason: "set_back" | "disabled" },
): Promise<void> {
  const db = shardOfId(deps, "delivery", row.id);
  const ended = reason === "disabled";
  await db
    .update(deliveries)
    .set({
      status: ended ? "failed" : row.attempt > 1 ? "retrying" : "pending",
      endReason: ended ? "destination_disabled" : null,
      nextAttemptAt: ended ? null : until,
      attempt: sql`${deliveries.attempt} - 1`,
      attemptId: null,
      startedAt: null,
      leaseId: null,
      leaseUntil: null,
    })
    .where(and(eq(deliveries.id, row.id), eq(deliveries.leaseId, row.leaseId ?? "")));
  if (!ended) await sendDeliveryTasks(deps, [{ id: row.id, nextAttemptAt: until }]);
}
