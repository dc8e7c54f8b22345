import { type Deps, readSettings } from "../context.ts";
import { openControl, openShards } from "../db/client.ts";

/** What the consumer Worker works with. */
export type ConsumerDeps = Deps & {
  /** How long the queue may take before the sweep steps in, in milliseconds. */
  sweepGraceMs: number;
};

export function consumerDeps(env: ConsumerEnv): ConsumerDeps {
  return {
    db: openControl(env.DB),
    shards: openShards(env),
    bodies: env.BODIES,
    eventsQueue: env.EVENTS_QUEUE,
    deliveriesQueue: env.DELIVERIES_QUEUE,
    settings: readSettings(env),
    sweepGraceMs: Number(env.SWEEP_GRACE_MS),
  };
}
