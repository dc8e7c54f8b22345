import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { judgeDestination } from "../../src/health/judge-destination.ts";
import type { Try } from "../../src/health/recent-tries.ts";

const NOW = 1_800_000_000_000;
const MINUTE_MS = 60_000;
beforeEach(() => vi.useFakeTimers({ now: NOW }));
afterEach(() => vi.useRealTimers());

/** A delivery's latest try, some minutes ago; `before`: minutes since its earlier tries, which failed. */
function one(minutesAgo: number, ok: 0 | 1, more: Partial<Try> & { before?: number[] } = {}): Try {
  const { before = [], ...rest } = more;
  const at = (minutes: number) => NOW - minutes * MINUTE_MS;
  return {
    deliveryId: "dlv_x",
    eventId: "evt_x",
    destinationId: "dst_x",
    ok,
    reason: ok ? null : "timeout",
    startedAt: at(minutesAgo),
    createdAt: at(Math.max(minutesAgo, ...before)),
    tries: before.length + 1,
    failedBefore: before.map(at),
    ...rest,
  };
}
const failed = (minutesAgo: number, more = {}) => one(minutesAgo, 0, more);
const worked = (minutesAgo: number, more = {}) => one(minutesAgo, 1, more);
const times = (n: number, make: (i: number) => Try) => Array.from({ length: n }, (_, i) => make(i));
const FIVE = [2, 3, 4, 5];

it.each<[string, Try[], "ok" | "failing" | undefined, number, string]>([
  ["five deliveries that failed once", times(5, (i) => failed(i)), undefined, 0, "failing"],
  ["one that failed five times", [failed(1, { before: FIVE })], undefined, 0, "failing"],
  ["one that failed four times", [failed(1, { before: [2, 3, 4] })], undefined, 0, "ok"],
  ["tries that do not count", [failed(1, { before: FIVE, tries: 2 })], undefined, 0, "ok"],
  ["its tries before a change", [failed(1, { before: FIVE })], undefined, 3, "ok"],
  ["its tries before another's success", [failed(1, { before: FIVE }), worked(1.5)], "ok", 0, "ok"],
  ["its tries after it", [failed(1, { before: FIVE }), worked(6)], "ok", 0, "failing"],
  ["a success soon after a failure", [worked(0), failed(9)], "failing", 0, "failing"],
  ["a success long after one", [worked(0), failed(11)], "failing", 0, "ok"],
  ["five successes soon after one", [...times(5, () => worked(0)), failed(9)], "failing", 0, "ok"],
  ["four successes", [...times(4, () => worked(0)), failed(9)], "failing", 0, "failing"],
  ["successes that failed before", times(5, () => worked(0, { before: [1] })), "failing", 0, "ok"],
  ["a retry that succeeds at last", [worked(0, { before: [1] })], "failing", 0, "failing"],
  ["the first success after a change", [worked(0), failed(9)], "failing", 5, "ok"],
  ["nothing known", [], "failing", 0, "failing"],
])("%s", (_, tries, before, changedMinutesAgo, state) => {
  const updatedAt = changedMinutesAgo === 0 ? 0 : NOW - changedMinutesAgo * MINUTE_MS;
  const judged = { enabled: true, disabledReason: null, updatedAt };
  expect(judgeDestination(judged, tries, before)).toBe(state);
});
