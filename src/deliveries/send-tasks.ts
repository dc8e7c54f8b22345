import type { DeliveryTask, Deps } from "../context.ts";
import { log } from "../log.ts";
import { MAX_QUEUE_BATCH, MAX_QUEUE_DELAY_SECONDS } from "./constants.ts";

type Due = {
  id: string;
  nextAttemptAt?: number | null;
  gate?: DeliveryTask["gate"];
  byHand?: true;
};

/**
 * Sends tasks for waiting deliveries, each delayed until it is due. What is due later than a queue can delay, and what
 * could not be sent, is found by the sweep through its due time.
 */
export async function sendDeliveryTasks(
  deps: Pick<Deps, "deliveriesQueue">,
  due: readonly Due[],
): Promise<void> {
  const now = Date.now();
  const messages = due
    .map(({ id, nextAttemptAt, gate, byHand }) => ({
      body: { deliveryId: id, ...(gate && { gate }), ...(byHand && { byHand }) },
      delaySeconds: Math.max(0, Math.ceil(((nextAttemptAt ?? now) - now) / 1000)),
    }))
    .filter(({ delaySeconds }) => delaySeconds <= MAX_QUEUE_DELAY_SECONDS);
  for (let i = 0; i < messages.length; i += MAX_QUEUE_BATCH) {
    try {
      await deps.deliveriesQueue.sendBatch(messages.slice(i, i + MAX_QUEUE_BATCH));
    } catch (error) {
      log.warn("tasks_not_sent", { count: messages.length - i, error });
      return;
    }
  }
}
