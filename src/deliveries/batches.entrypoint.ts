import { WorkerEntrypoint } from "cloudflare:workers";
import { setCrashPoints } from "../crash-point.ts";
import { setLogLevel } from "../log.ts";
import { consumerDeps } from "./deps.ts";
import { retryDeliveries } from "./retry-deliveries.ts";
import { routeEvents } from "./route-events.ts";
import { type BatchRunner, untilStalled } from "./run-batch.ts";
import type { DeliveryTask, EventTask } from "./tasks.ts";
import type { Release, Verdicts } from "./verdict.ts";

/**
 * RPC of the consumer Worker to itself. A queue waits for everything that its handler leaves in `waitUntil`; it does
 * not wait for what a call of the handler's leaves there.
 */
export class Batches extends WorkerEntrypoint<ConsumerEnv> implements BatchRunner {
  route(tasks: Map<string, EventTask>, attempts: Map<string, number>): Promise<Verdicts> {
    return this.#run("events", (release) =>
      routeEvents(consumerDeps(this.env), tasks, attempts, release),
    );
  }

  retry(tasks: Map<string, DeliveryTask>): Promise<Verdicts> {
    return this.#run("deliveries", (release) =>
      retryDeliveries(consumerDeps(this.env), tasks, release),
    );
  }

  #run(
    queue: "events" | "deliveries",
    work: (release: Release) => Promise<Verdicts>,
  ): Promise<Verdicts> {
    setLogLevel(this.env.LOG_LEVEL);
    setCrashPoints(this.env);
    return untilStalled(queue, work, (promise) => this.ctx.waitUntil(promise));
  }
}
