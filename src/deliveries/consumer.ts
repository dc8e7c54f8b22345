import type { z } from "zod";
import { crashPoint } from "../crash-point.ts";
import { log } from "../log.ts";
import { BATCH_RETRY_SECONDS } from "./constants.ts";
import { type ConsumerDeps, consumerDeps } from "./deps.ts";
import { recordDeadLetter, recordMalformedTask } from "./record-malformed-task.ts";
import { type BatchRunner, inlineRunner } from "./run-batch.ts";
import { deliveryTask, type EventTask, eventTask } from "./tasks.ts";
import type { Verdicts } from "./verdict.ts";

/** How the queues' names end that take what the others have given up. */
const DEAD_LETTERS = "-dead";

/**
 * Handles a batch of either queue. Every message is acked or retried by itself: one bad body can neither fail
 * nor swallow its neighbours.
 */
export async function consumeBatch(
  batch: MessageBatch,
  env: ConsumerEnv,
  runner: BatchRunner = inlineRunner(env),
): Promise<void> {
  const deps = consumerDeps(env);
  if (batch.queue.endsWith(DEAD_LETTERS)) {
    for (const message of batch.messages) await recordDeadLetter(deps, batch.queue, message);
    return;
  }
  if (batch.queue.endsWith("deliveries")) {
    const tasks = await readTasks(deps, batch, deliveryTask(deps.shards.length));
    return settle(batch, tasks, () => runner.retry(tasks));
  }
  const tasks = await readTasks(deps, batch, eventTask(deps.shards.length));
  const attempts = new Map(batch.messages.map((message) => [message.id, message.attempts]));
  for (const group of groupTasks(tasks, attempts)) {
    await settle(batch, group, () => runner.route(group, attempts));
  }
}

/** First comers together; what comes again each by itself, so that what broke its batch cannot break it twice. */
function groupTasks(tasks: Map<string, EventTask>, attempts: Map<string, number>) {
  const entries = [...tasks];
  const isFirst = ([id]: [string, EventTask]) => (attempts.get(id) ?? 1) === 1;
  const again = entries.filter((entry) => !isFirst(entry)).map((entry) => new Map([entry]));
  return [new Map(entries.filter(isFirst)), ...again].filter((group) => group.size > 0);
}

/** The tasks by message id. What is no task is recorded and acked here. */
async function readTasks<T>(
  deps: ConsumerDeps,
  batch: MessageBatch,
  schema: z.ZodType<T>,
): Promise<Map<string, T>> {
  const tasks = new Map<string, T>();
  for (const message of batch.messages) {
    const parsed = schema.safeParse(message.body);
    if (parsed.success) {
      tasks.set(message.id, parsed.data);
    } else {
      const reason = parsed.error.issues[0]?.message ?? "not a task";
      await recordMalformedTask(deps, batch.queue, message, reason);
    }
  }
  return tasks;
}

/** Runs the batch and tells the queue what became of each task. */
async function settle(
  batch: MessageBatch,
  tasks: ReadonlyMap<string, unknown>,
  work: () => Promise<Verdicts>,
): Promise<void> {
  const messages = batch.messages.filter((message) => tasks.has(message.id));
  try {
    const verdicts = await work();
    const settled = crashPoint("before-ack");
    if (settled) await settled;
    for (const message of messages) {
      const verdict = verdicts.get(message.id) ?? { ack: true };
      if (verdict.ack) message.ack();
      else message.retry({ delaySeconds: verdict.delaySeconds });
    }
  } catch (error) {
    // The database could not be asked. What was claimed waits for its lease, the rest runs again.
    log.error("batch_failed", { queue: batch.queue, error });
    for (const message of messages) message.retry({ delaySeconds: BATCH_RETRY_SECONDS });
  }
}
