import { expect, it } from "vitest";
import { nextStep } from "../../src/deliveries/backoff.ts";
import { MAX_WAIT_SECONDS } from "../../src/destinations/constants.ts";
import { HTTP_SCHEDULE } from "../../src/destinations/schedules.ts";

/** A whole delivery that always fails, on paper: the waits between its tries in ms. */
function waitsOf(
  schedule: readonly number[],
  random: () => number,
  retryAfterMs?: number,
  reason: "http_status" | "rate_limited" = "http_status",
) {
  const waits: number[] = [];
  let now = 1_000_000;
  for (let attempt = 1; ; attempt++) {
    const outcome = { ok: false, retry: true, reason, retryAfterMs } as const;
    const step = nextStep(outcome, { attempt, uncounted: 0, schedule }, now, random());
    if (step.status !== "retrying") return { waits, tries: attempt, end: step };
    waits.push(step.nextAttemptAt - now);
    now = step.nextAttemptAt;
  }
}

it("the default: ten tries, each after its wait, 75:35:05 from the first to the last", () => {
  const { waits, tries, end } = waitsOf(HTTP_SCHEDULE, () => 0);
  expect(waits).toEqual(
    [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map((seconds) => seconds * 1000),
  );
  expect(waits.reduce((sum, wait) => sum + wait)).toBe(((75 * 60 + 35) * 60 + 5) * 1000);
  expect(tries).toBe(10);
  expect(end).toMatchObject({ status: "failed", endReason: "exhausted" });
});

it("a destination's own schedule, up to 30 days between two tries", () => {
  expect(MAX_WAIT_SECONDS).toBe(30 * 86_400);
  expect(waitsOf([0, 30 * 86_400], () => 0).waits).toEqual([30 * 86_400_000]);
  expect(waitsOf([0, 30 * 86_400], () => 1).waits).toEqual([36 * 86_400_000]);
  expect(waitsOf([0], () => 0)).toMatchObject({ waits: [], tries: 1 });
});

it("jitter never shortens a wait, adds a fifth at most, and uses the whole of it", () => {
  const shares: number[] = [];
  for (let run = 0; run < 500; run++) {
    const { waits } = waitsOf(HTTP_SCHEDULE, Math.random);
    waits.forEach((wait, i) => shares.push(wait / ((HTTP_SCHEDULE[i + 1] ?? 0) * 1000)));
  }
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...shares)).toBeLessThanOrEqual(1.2 + 1e-3);
  expect(Math.min(...shares)).toBeLessThan(1.02);
  expect(Math.max(...shares)).toBeGreaterThan(1.18);
});

it("no wait is under 2 s", () => {
  expect(waitsOf([0, 0, 1], () => 0).waits).toEqual([2000, 2000]);
});

it("a 429's Retry-After is the wait and uses up its try; another answer's can only lengthen the wait", () => {
  const schedule = [0, 5, 300];
  expect(waitsOf(schedule, () => 0, 90_000, "rate_limited")).toMatchObject({
    waits: [90_000, 90_000],
    tries: 3,
  });
  expect(waitsOf(schedule, () => 0, 90_000)).toMatchObject({ waits: [90_000, 300_000], tries: 3 });
});
