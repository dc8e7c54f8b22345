import { type Deps, readSettings } from "../context.ts";
import { openControl, openShards } from "../db/client.ts";
import type { SessionPairs } from "../session-pairs/index.ts";
import { LEASE_MARGIN_MS } from "./constants.ts";

/** What the consumer Worker works with. */
export type ConsumerDeps = Deps & {
  /** How long the queue may take before the sweep steps in, in milliseconds. */
  sweepGraceMs: number;
  /** How much longer than its time-out a claim holds, in milliseconds. */
  leaseMarginMs: number;
  /** Of the operator's organization: whose SMS come from callers for whom no phone is set. */
  portalPhone: string | null;
};

export function consumerDeps(env: ConsumerEnv): ConsumerDeps {
  return {
    db: openControl(env.DB),
    shards: openShards(env),
    bodies: env.BODIES,
    eventsQueue: env.EVENTS_QUEUE,
    deliveriesQueue: env.DELIVERIES_QUEUE,
    gates: env.GATE,
    channels: env.CHANNEL,
    pairs: env.SESSION_PAIR as unknown as SessionPairs,
    mailboxes: env.CODE_MAILBOX,
    scripts: { loader: env.LOADER, worker: "consumer" },
    settings: readSettings(env),
    sweepGraceMs: Number(env.SWEEP_GRACE_MS),
    leaseMarginMs: leaseMarginMs(env),
    portalPhone: portalPhone(env),
  };
}

/** No part of the tracked configuration: who has no portal has no such variable. */
function portalPhone(env: ConsumerEnv): string | null {
  const { PORTAL_PHONE, BAEMIN_PHONE } = env as { PORTAL_PHONE?: string; BAEMIN_PHONE?: string };
  return PORTAL_PHONE || BAEMIN_PHONE || null;
}

/** The crash tests wait for leases, so a local session may shorten them. A deployment never does. */
function leaseMarginMs(env: ConsumerEnv): number {
  const { LEASE_MARGIN_MS: local } = env as { LEASE_MARGIN_MS?: unknown };
  return env.BASE_DOMAIN === "localhost" && Number(local) > 0 ? Number(local) : LEASE_MARGIN_MS;
}
