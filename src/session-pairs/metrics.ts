import { DAY_MS, MAX_SAMPLES } from "./constants.ts";
import { quantile } from "./quantile.ts";
import type { PairMetrics } from "./rpc.ts";

/** What a pair counts, as it is kept. */
export type Counts = {
  logins: Record<string, number>;
  readyMs: number[];
  smsMs: number[];
  claims: number;
  claimConflicts: number;
  failovers: number;
  requests: number;
  requestsFailedByAuth: number;
  browser: { day: number; ms: number };
};

export const NO_COUNTS: Counts = {
  logins: {},
  readyMs: [],
  smsMs: [],
  claims: 0,
  claimConflicts: 0,
  failovers: 0,
  requests: 0,
  requestsFailedByAuth: 0,
  browser: { day: 0, ms: 0 },
};

export function countLogin(counts: Counts, result: string): Counts {
  return { ...counts, logins: { ...counts.logins, [result]: (counts.logins[result] ?? 0) + 1 } };
}

export function addSample(samples: number[], ms: number): number[] {
  return [...samples, ms].slice(-MAX_SAMPLES);
}

/** Adds to the UTC day's browser time. */
export function addBrowserMs(counts: Counts, ms: number, now: number): Counts {
  const day = Math.floor(now / DAY_MS);
  const { browser } = counts;
  return { ...counts, browser: { day, ms: ms + (browser.day === day ? browser.ms : 0) } };
}

export function toMetrics(counts: Counts, budget: PairMetrics["budget"], now: number): PairMetrics {
  const { readyMs, smsMs, browser, ...plain } = counts;
  const today = browser.day === Math.floor(now / DAY_MS) ? browser.ms : 0;
  return {
    ...plain,
    readyMs: spread(readyMs),
    smsMs: spread(smsMs),
    browserSecondsToday: Math.round(today / 100) / 10,
    budget,
  };
}

const spread = (samples: number[]) => ({
  p50: quantile(samples, 0.5),
  p95: quantile(samples, 0.95),
});
