import { describe, expect, it } from "vitest";
import { jittered, nextStep } from "../../src/deliveries/backoff.ts";
import { MAX_UNCOUNTED_TRIES } from "../../src/deliveries/constants.ts";

const NOW = 1_000_000;
const failure = { ok: false, retry: true, reason: "http_status" } as const;
const at = (attempt: number, uncounted = 0, schedule = [0, 5, 300]) => ({
  attempt,
  uncounted,
  schedule,
});

describe("after a try", () => {
  it.each([
    ["success ends it", { ok: true } as const, at(1), { status: "succeeded", uncounted: 0 }],
    [
      "the first failure waits for the second slot",
      failure,
      at(1),
      { status: "retrying", nextAttemptAt: NOW + 5000 },
    ],
    [
      "the second failure waits for the third",
      failure,
      at(2),
      { status: "retrying", nextAttemptAt: NOW + 300_000 },
    ],
    ["the last failure ends it", failure, at(3), { status: "failed", endReason: "exhausted" }],
    [
      "a try asked for by hand, beyond the schedule, ends it again",
      failure,
      at(7),
      { status: "failed" },
    ],
    [
      "no retry ends it with its reason",
      { ...failure, retry: false, reason: "gone" } as const,
      at(1),
      { status: "failed", endReason: "gone" },
    ],
    [
      "a longer wait that the other side asks for replaces the slot's",
      { ...failure, retryAfterMs: 90_000 },
      at(1),
      { status: "retrying", nextAttemptAt: NOW + 90_000 },
    ],
    [
      "a shorter wait does not: a restart must not use up the schedule",
      { ...failure, retryAfterMs: 1000 },
      at(2),
      { status: "retrying", nextAttemptAt: NOW + 300_000 },
    ],
    [
      "a 429 says exactly when",
      { ...failure, reason: "rate_limited", retryAfterMs: 3000 } as const,
      at(2),
      { status: "retrying", nextAttemptAt: NOW + 3000 },
    ],
    [
      "a wait under 2 s is 2 s",
      { ...failure, reason: "rate_limited", retryAfterMs: 0 } as const,
      at(1),
      { status: "retrying", nextAttemptAt: NOW + 2000 },
    ],
    [
      "an uncounted try does not use up its slot",
      { ...failure, uncounted: true },
      at(3),
      { status: "retrying", uncounted: 1, nextAttemptAt: NOW + 300_000 },
    ],
    [
      "earlier uncounted tries give their slots back",
      failure,
      at(4, 2),
      { status: "retrying", nextAttemptAt: NOW + 300_000 },
    ],
    [
      "uncounted tries end some time",
      { ...failure, uncounted: true },
      at(MAX_UNCOUNTED_TRIES, MAX_UNCOUNTED_TRIES - 1),
      { status: "failed" },
    ],
    ["a schedule of one try is never retried", failure, at(1, 0, [0]), { status: "failed" }],
  ])("%s", (_, outcome, progress, expected) => {
    expect(nextStep(outcome, progress, NOW, 0)).toMatchObject(expected);
  });
});

it("jitter adds 0 to 20 %, and a wait is never under 2 s", () => {
  expect(jittered(100_000, 0)).toBe(100_000);
  expect(jittered(100_000, 1)).toBe(120_000);
  expect(jittered(0, 0)).toBe(2000);
  expect(jittered(500, 1)).toBe(2400);
});
