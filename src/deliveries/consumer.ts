import { log } from "../log.ts";
import { consumerDeps } from "./deps.ts";
import { recordMalformedTask } from "./record-malformed-task.ts";
import { retryDeliveries } from "./retry-deliveries.ts";
import { routeEvents } from "./route-events.ts";
import { DeliveryTask, EventTask } from "./tasks.ts";
import type { Verdicts } from "./verdict.ts";

/**
 * Handles a batch of either queue. Every message is acked or retried by itself: one bad body can neither fail
 * nor swallow its neighbours.
 */
export async function consumeBatch(batch: MessageBatch, env: ConsumerEnv): Promise<void> {
  const deps = consumerDeps(env);
  const isRetryQueue = batch.queue.endsWith("deliveries");
  const tasks = new Map<string, EventTask & DeliveryTask>();
  for (const message of batch.messages) {
    const parsed = (isRetryQueue ? DeliveryTask : EventTask).safeParse(message.body);
    if (parsed.success) {
      tasks.set(message.id, parsed.data as EventTask & DeliveryTask);
      continue;
    }
    const reason = parsed.error.issues[0]?.message ?? "not a task";
    await recordMalformedTask(deps, batch.queue, message, reason);
  }
  const attempts = new Map(batch.messages.map((message) => [message.id, message.attempts]));
  try {
    const verdicts: Verdicts = isRetryQueue
      ? await retryDeliveries(deps, tasks)
      : await routeEvents(deps, tasks, attempts);
    settle(batch, tasks, verdicts);
  } catch (error) {
    // The database could not be asked. What was claimed waits for its lease, the rest runs again.
    log.error("batch_failed", { queue: batch.queue, error: String(error) });
    for (const message of batch.messages) {
      if (tasks.has(message.id)) message.retry({ delaySeconds: 5 });
    }
  }
}

function settle(batch: MessageBatch, tasks: Map<string, unknown>, verdicts: Verdicts): void {
  for (const message of batch.messages) {
    if (!tasks.has(message.id)) continue;
    const verdict = verdicts.get(message.id) ?? { ack: true };
    if (verdict.ack) message.ack();
    else message.retry({ delaySeconds: verdict.delaySeconds });
  }
}
