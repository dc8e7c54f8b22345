import { MAX_RELEASED_BATCHES } from "./constants.ts";
import { consumerDeps } from "./deps.ts";
import { retryDeliveries } from "./retry-deliveries.ts";
import { routeEvents } from "./route-events.ts";
import type { DeliveryTask, EventTask } from "./tasks.ts";
import type { Release, Verdicts } from "./verdict.ts";

/** Does a batch's work; the tasks are by message id. */
export type BatchRunner = {
  route: (tasks: Map<string, EventTask>, attempts: Map<string, number>) => Promise<Verdicts>;
  retry: (tasks: Map<string, DeliveryTask>) => Promise<Verdicts>;
};

/** Does it here and now, and answers when its last call has ended. */
export function inlineRunner(env: ConsumerEnv): BatchRunner {
  return {
    route: (tasks, attempts) => routeEvents(consumerDeps(env), tasks, attempts),
    retry: (tasks) => retryDeliveries(consumerDeps(env), tasks),
  };
}

type QueueName = keyof typeof MAX_RELEASED_BATCHES;

/** Batches of this isolate whose queue was told before their calls had ended. Each queue has its own: retries that wait must not hold fresh events up. */
const released: Record<QueueName, number> = { events: 0, deliveries: 0 };

/**
 * Answers when the work is done, or as soon as one of its calls lets it wait: a destination that hangs must
 * not hold up the events behind it. The work then goes on in `waitUntil`; should that be cut short, what it had claimed
 * waits for its lease as after a crash.
 */
export async function untilStalled(
  queue: QueueName,
  work: (release: Release) => Promise<Verdicts>,
  waitUntil: (promise: Promise<unknown>) => void,
): Promise<Verdicts> {
  const early = Promise.withResolvers<Verdicts>();
  let isReleased = false;
  const done = work((verdicts) => {
    if (isReleased || released[queue] >= MAX_RELEASED_BATCHES[queue]) return false;
    isReleased = true;
    released[queue]++;
    early.resolve(verdicts);
    return true;
  });
  const settled = done
    .catch(() => {})
    .finally(() => {
      if (isReleased) released[queue]--;
    });
  waitUntil(settled);
  return Promise.race([done, early.promise]);
}
