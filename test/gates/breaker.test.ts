import { describe, expect, it } from "vitest";
import {
  askBreaker,
  type BreakerState,
  CLOSED,
  type Health,
  recordHealth,
} from "../../src/gates/breaker.ts";
import { PROBE_WAIT_MS } from "../../src/gates/constants.ts";

const CONFIG = { failures: 3, cooldownSeconds: 10 };

function after(...steps: [string, Health, number][]): BreakerState {
  return steps.reduce(
    (state, [id, health, now]) => recordHealth(state, CONFIG, { id, health, now }),
    CLOSED,
  );
}

const OPEN = after(["a", "failure", 0], ["b", "failure", 1], ["c", "failure", 2]);
const PROBING: BreakerState = { ...OPEN, probe: { id: "p", until: 30_000 } };

describe("a breaker", () => {
  it.each<[string, [string, Health, number][], number | null]>([
    [
      "stays closed under its number of failures",
      [
        ["a", "failure", 0],
        ["b", "failure", 1],
      ],
      null,
    ],
    [
      "opens at it",
      [
        ["a", "failure", 0],
        ["b", "failure", 1],
        ["c", "failure", 2],
      ],
      10_002,
    ],
    [
      "counts in a row only",
      [
        ["a", "failure", 0],
        ["b", "failure", 1],
        ["c", "success", 2],
        ["d", "failure", 3],
      ],
      null,
    ],
    [
      "leaves out what is not the receiver's fault",
      [
        ["a", "failure", 0],
        ["b", "neutral", 1],
        ["c", "failure", 2],
        ["d", "failure", 3],
      ],
      10_003,
    ],
  ])("%s", (_, steps, openUntil) => {
    expect(after(...steps).openUntil).toBe(openUntil);
  });

  it.each<[string, BreakerState, number, unknown]>([
    ["closed: lets everybody through", CLOSED, 5, { kind: "closed" }],
    ["open: nobody before the cool-down", OPEN, 10_001, { kind: "wait", until: 10_002 }],
    ["then one", OPEN, 10_002, { kind: "probe" }],
    ["and nobody beside it", PROBING, 10_003, { kind: "wait", until: 10_003 + PROBE_WAIT_MS }],
    ["until its permit runs out", PROBING, 30_000, { kind: "probe" }],
  ])("%s", (_, state, now, answer) => {
    expect(askBreaker(state, now)).toEqual(answer);
  });

  it.each<[string, string, Health, BreakerState]>([
    ["the probe's success closes it", "p", "success", CLOSED],
    [
      "the probe's failure opens it again",
      "p",
      "failure",
      { ...OPEN, failures: 4, openUntil: 30_000 },
    ],
    ["a probe that says nothing makes room for another", "p", "neutral", OPEN],
    ["a late success from before does not close it", "old", "success", PROBING],
    ["a late failure from before does not put it off", "old", "failure", PROBING],
  ])("%s", (_, id, health, expected) => {
    expect(recordHealth(PROBING, CONFIG, { id, health, now: 20_000 })).toEqual(expected);
  });

  it("with a bound on its time gives up after it, until a call succeeds", () => {
    const mild = { ...CONFIG, maxOpenSeconds: 30 };
    const fail = (state: BreakerState, id: string, now: number) =>
      recordHealth(state, mild, { id, health: "failure", now });
    let state = OPEN;
    const isOpen: boolean[] = [];
    for (const [i, now] of [20_000, 40_000].entries()) {
      state = fail({ ...state, probe: { id: `p${i}`, until: now } }, `p${i}`, now);
      isOpen.push(state.openUntil !== null);
    }
    expect(isOpen).toEqual([true, false]);
    state = fail(state, "later", 50_000);
    expect(state.openUntil).toBeNull();
    state = recordHealth(state, mild, { id: "good", health: "success", now: 60_000 });
    expect(state).toEqual(CLOSED);
  });
});
