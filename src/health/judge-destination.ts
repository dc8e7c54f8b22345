import { FAILING_TRIES } from "./constants.ts";
import type { State } from "./finding.ts";
import type { Try } from "./recent-tries.ts";

export type Judged = {
  enabled: boolean;
  disabledReason: string | null;
  /** When somebody changed it last, in milliseconds: tries before that say nothing any more. */
  updatedAt: number;
};

/**
 * The state of a destination. Between "its latest tries all failed" and "its latest try succeeded" nothing is known, and
 * it stays what it was: so one failure is no alert, and silence is no recovery.
 */
export function judgeDestination(
  { enabled, disabledReason, updatedAt }: Judged,
  tries: readonly Try[],
  before: State | undefined,
): State {
  if (!enabled && disabledReason !== null) return "disabled";
  const latest = tries.filter(({ startedAt }) => startedAt >= updatedAt).slice(0, FAILING_TRIES);
  if (latest[0]?.ok) return "ok";
  if (latest.length === FAILING_TRIES && latest.every(({ ok }) => !ok)) return "failing";
  // Somebody has enabled it again.
  if (before === "disabled") return "ok";
  return before ?? "ok";
}
