import { DAY_MS, HOUR_MS, RESERVED_LOGINS } from "../constants.ts";
import type { PairState, Rules } from "./state.ts";

type Leases = Pick<PairState, "leases">;

/** Logins that may still be made now. */
export function budgetLeft(
  { leases }: Leases,
  { budget }: Pick<Rules, "budget">,
  now: number,
): { hour: number; day: number } {
  const since = (ms: number) => leases.filter((at) => at > now - ms).length;
  return {
    hour: Math.max(0, budget.perHour - since(HOUR_MS)),
    day: Math.max(0, budget.perDay - since(DAY_MS)),
  };
}

/** The first time from `now` on at which the budget allows a login. `ahead`: it leaves the reserve alone. */
export function budgetAllowsAt(
  { leases }: Leases,
  { budget }: Pick<Rules, "budget">,
  now: number,
  ahead: boolean,
): number {
  const perDay = ahead ? Math.max(1, budget.perDay - RESERVED_LOGINS) : budget.perDay;
  return Math.max(
    freeAt(leases, budget.perHour, HOUR_MS, now),
    freeAt(leases, perDay, DAY_MS, now),
  );
}

/** When fewer than `max` of the leases are younger than `windowMs`. */
function freeAt(leases: number[], max: number, windowMs: number, now: number): number {
  const oldest = leases.toSorted((a, b) => a - b).at(-max);
  return oldest === undefined ? now : Math.max(now, oldest + windowMs);
}

/** With one more lease; those that no window reaches any more are dropped. */
export function spend({ leases }: Leases, now: number): number[] {
  return [...leases.filter((at) => at > now - DAY_MS), now];
}
