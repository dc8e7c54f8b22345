import type { BreakerConfig } from "./breaker.ts";
import { MAX_MILD_SECONDS, MILD_BREAKER } from "./constants.ts";

/** What a destination asks of its gate. */
export type GateConfig = {
  /** Most calls in any second; null: no limit. */
  perSecond: number | null;
  /** Most calls at a time; null: no limit. */
  concurrency: number | null;
  /** `json:<path>`, `header:<name>` or `sender`; null: no order. */
  orderKey: string | null;
  breaker: BreakerConfig | null;
};

export type GateFields = {
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
  const config: GateConfig = {
    perSecond: row.rate?.perSecond ?? null,
    concurrency: row.rate?.concurrency ?? null,
    orderKey: row.ordered === "key" ? (row.orderKey ?? null) : null,
    breaker: row.breaker ?? null,
  };
  if (Object.values(config).every((part) => part === null)) return null;
  return { ...config, breaker: config.breaker ?? mildBreaker(row.retrySchedule ?? null) };
}

function mildBreaker(schedule: readonly number[] | null): BreakerConfig {
  const spanSeconds = schedule?.reduce((sum, seconds) => sum + seconds, 0) ?? Infinity;
  const forSeconds = Math.min(spanSeconds, MAX_MILD_SECONDS);
  return { ...MILD_BREAKER, maxProbes: Math.ceil(forSeconds / MILD_BREAKER.cooldownSeconds) };
}
