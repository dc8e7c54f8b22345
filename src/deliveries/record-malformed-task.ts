import { shard } from "../context.ts";
import { malformedTasks } from "../db/schema/events.ts";
import { log } from "../log.ts";
import { MAX_MALFORMED_TASK_CHARS } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";

/** Records a queue message that is no task, and acks it: trying it again would change nothing. */
export async function recordMalformedTask(
  deps: ConsumerDeps,
  queue: string,
  message: Message,
  reason: string,
): Promise<void> {
  log.error("malformed_task", { queue, messageId: message.id, reason });
  await keepMessage(deps, queue, message, reason);
}

/**
 * Records a message that its queue has given up, and acks it. Nothing else needs to be done: what it asked for stands in
 * the database as an event that is not routed or a delivery past its time, and the sweep sends a new task for it.
 */
export async function recordDeadLetter(
  deps: ConsumerDeps,
  queue: string,
  message: Message,
): Promise<void> {
  log.error("dead_letter", { queue, messageId: message.id });
  await keepMessage(deps, queue, message, "dead_letter");
}

async function keepMessage(
  deps: ConsumerDeps,
  queue: string,
  message: Message,
  reason: string,
): Promise<void> {
  try {
    await shard(deps, 0)
      .insert(malformedTasks)
      .values({
        messageId: message.id,
        queue,
        body: (JSON.stringify(message.body) ?? "undefined").slice(0, MAX_MALFORMED_TASK_CHARS),
        reason,
        receivedAt: Date.now(),
      })
      .onConflictDoNothing();
    message.ack();
  } catch {
    message.retry({ delaySeconds: 30 });
  }
}
