import type { Outcome } from "../destinations/index.ts";
import { MAX_UNCOUNTED_TRIES, MIN_RETRY_WAIT_SECONDS } from "./constants.ts";

export type Progress = {
  /** Number of the try that has just ended. */
  attempt: number;
  /** How many of the tries before it did not count. */
  uncounted: number;
  /** Seconds before each try; its length is the most tries. */
  schedule: readonly number[];
};

type Failure = Extract<Outcome, { ok: false }>;

export type NextStep =
  | { status: "succeeded"; uncounted: number }
  | { status: "failed"; endReason: string; uncounted: number }
  | { status: "retrying"; nextAttemptAt: number; uncounted: number };

/** Decides what follows a try. The one place where ack, retry or give-up is decided. `random` is 0…1. */
export function nextStep(
  outcome: Outcome,
  progress: Progress,
  now: number,
  random: number,
): NextStep {
  const { attempt, schedule } = progress;
  const uncounted = progress.uncounted + (!outcome.ok && outcome.uncounted ? 1 : 0);
  if (outcome.ok) return { status: "succeeded", uncounted };
  if (!outcome.retry) return { status: "failed", endReason: outcome.reason, uncounted };
  const counted = attempt - uncounted;
  const wait = schedule[counted] ?? null;
  // An uncounted try repeats the wait of the slot it did not use up.
  if (wait === null || uncounted >= MAX_UNCOUNTED_TRIES) {
    return { status: "failed", endReason: "exhausted", uncounted };
  }
  const waitMs = waitAfter(outcome, wait * 1000);
  return { status: "retrying", nextAttemptAt: now + jittered(waitMs, random), uncounted };
}

/**
 * A 429 says exactly when to come back. Any other answer's `Retry-After` can only lengthen the slot's wait: a proxy
 * that says `503, Retry-After: 1` through a restart would else use up a schedule of three days within a minute.
 */
function waitAfter({ reason, retryAfterMs }: Failure, slotMs: number): number {
  if (retryAfterMs === undefined) return slotMs;
  return reason === "rate_limited" ? retryAfterMs : Math.max(retryAfterMs, slotMs);
}

/** A wait with 0…+20 % jitter and at least 2 s. */
export function jittered(waitMs: number, random: number): number {
  return Math.round(Math.max(waitMs, MIN_RETRY_WAIT_SECONDS * 1000) * (1 + 0.2 * random));
}
