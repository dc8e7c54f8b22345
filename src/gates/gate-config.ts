import type { BreakerConfig } from "./breaker.ts";
import { MAX_MILD_SECONDS, MILD_BREAKER } from "./constants.ts";

/** What a destination asks of its gate. */
export type GateConfig = {
  /** Rises with every change of the destination: a consumer that has loaded it before must not undo the change. */
  version: number;
  /** Most calls in any second; null: no limit. */
  perSecond: number | null;
  /** Most calls at a time; null: no limit. */
  concurrency: number | null;
  /** `json:<path>`, `header:<name>` or `sender`; null: no order. */
  orderKey: string | null;
  breaker: BreakerConfig | null;
};

export type GateFields = {
  updatedAt?: number;
  retrySchedule?: number[] | null;
  rate?: { perSecond?: number; concurrency?: number } | null;
  ordered?: "none" | "key" | null;
  orderKey?: string | null;
  breaker?: { failures: number; cooldownSeconds: number } | null;
};

/**
 * The gate of a destination, or null when it asks for none: then no object is ever called. One that asks for no breaker
 * gets a mild one all the same, so that an outage does not use the schedule up: it gives up after ten minutes, or after
 * the time that the schedule spans.
 */
export function gateConfigOf(row: GateFields): GateConfig | null {
  const asked = {
    perSecond: row.rate?.perSecond ?? null,
    concurrency: row.rate?.concurrency ?? null,
    orderKey: row.ordered === "key" ? (row.orderKey ?? null) : null,
    breaker: row.breaker ?? null,
  };
  if (Object.values(asked).every((part) => part === null)) return null;
  const breaker = asked.breaker ?? mildBreaker(row.retrySchedule ?? null);
  return { ...asked, breaker, version: row.updatedAt ?? 0 };
}

/** What a gate is told that is not asked for any more. */
export function noLimits(version: number): GateConfig {
  return { version, perSecond: null, concurrency: null, orderKey: null, breaker: null };
}

function mildBreaker(schedule: readonly number[] | null): BreakerConfig {
  const spanSeconds = schedule?.reduce((sum, seconds) => sum + seconds, 0) ?? Infinity;
  return { ...MILD_BREAKER, maxOpenSeconds: Math.min(spanSeconds, MAX_MILD_SECONDS) };
}
