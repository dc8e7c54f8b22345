import { and, eq, inArray } from "drizzle-orm";
import { type Deps, shardOfId } from "../context.ts";
import { deliveries } from "../db/schema/events.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";

const isWaiting = (id: string) =>
  and(eq(deliveries.id, id), inArray(deliveries.status, ["pending", "retrying"]));

/** Ends a delivery that can never be tried again, with the reason on record. */
export async function endWaiting(
  deps: Pick<Deps, "shards">,
  id: string,
  endReason: "event_deleted" | "destination_deleted" | "destination_disabled",
): Promise<void> {
  await shardOfId(deps, "delivery", id)
    .update(deliveries)
    .set({ status: "failed", endReason, nextAttemptAt: null })
    .where(isWaiting(id));
}

/** Moves a delivery's due time: its destination asked for a pause. */
export async function postpone(
  deps: Pick<Deps, "shards" | "deliveriesQueue">,
  id: string,
  until: number,
): Promise<void> {
  await shardOfId(deps, "delivery", id)
    .update(deliveries)
    .set({ nextAttemptAt: until })
    .where(isWaiting(id));
  await sendDeliveryTasks(deps, [{ id, nextAttemptAt: until }]);
}
