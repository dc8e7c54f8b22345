import { FAILING_TRIES, RECOVERED_AFTER_MS } from "./constants.ts";
import type { State } from "./finding.ts";
import type { Try } from "./recent-tries.ts";

export type Judged = {
  enabled: boolean;
  disabledReason: string | null;
  /** When somebody changed it last, in milliseconds: tries before that say nothing any more. */
  updatedAt: number;
};

/**
 * The state of a destination, from the latest tries of its deliveries, newest first. Between "its latest tries all
 * failed" and "it works again" nothing is known, and it stays what it was: so one failure is no alert, silence is no
 * recovery, and a receiver that fails now and then does not alert all day.
 */
export function judgeDestination(
  { enabled, disabledReason, updatedAt }: Judged,
  tries: readonly Try[],
  before: State | undefined,
): State {
  if (!enabled && disabledReason !== null) return "disabled";
  const known = tries.filter(({ startedAt }) => startedAt >= updatedAt);
  if (known[0]?.ok) return before === "failing" && !worksAgain(known, updatedAt) ? "failing" : "ok";
  if (countFailures(tries, updatedAt) >= FAILING_TRIES) return "failing";
  // Somebody has enabled it again.
  if (before === "disabled") return "ok";
  return before ?? "ok";
}

/**
 * Tries in a row that failed, the latest one included: not deliveries, since one delivery that is tried again and again
 * says as much as many. Those before the last success, or before the destination was changed, do not count.
 */
export function countFailures(tries: readonly Try[], updatedAt: number): number {
  const lastSuccess = tries.find(({ ok }) => ok)?.startedAt ?? 0;
  const since = Math.max(updatedAt, lastSuccess);
  return tries
    .slice(0, FAILING_TRIES)
    .filter(({ ok, startedAt }) => !ok && startedAt >= since)
    .reduce((sum, one) => sum + failuresSince(one, since), 0);
}

function failuresSince({ tries, createdAt, failedBefore }: Try, since: number): number {
  if (createdAt >= since) return tries;
  return Math.min(tries, 1 + failedBefore.filter((startedAt) => startedAt >= since).length);
}

function worksAgain(known: readonly Try[], updatedAt: number): boolean {
  const failures = known.flatMap(({ ok, startedAt, failedBefore }) =>
    ok ? failedBefore : [startedAt, ...failedBefore],
  );
  const lastFailure = Math.max(...failures.filter((startedAt) => startedAt >= updatedAt));
  const succeeded = known.filter(({ ok, startedAt }) => ok && startedAt > lastFailure);
  return succeeded.length >= FAILING_TRIES || lastFailure < Date.now() - RECOVERED_AFTER_MS;
}
