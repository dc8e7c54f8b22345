import { describe, expect, it } from "vitest";
import { DRAIN_PER_SECOND, PARKED_MS } from "../../src/gates/constants.ts";
import { decide, FRESH_STATE, type Question } from "../../src/gates/decide.ts";
import { intervalMs } from "../../src/gates/rate.ts";

const NOW = 1_000_000;
const LIMITLESS = { version: 0, perSecond: null, concurrency: null, orderKey: null, breaker: null };

const question = (more: Partial<Question> = {}): Question => ({
  id: "dlv_1",
  leaseMs: 30_000,
  now: NOW,
  config: LIMITLESS,
  state: FRESH_STATE,
  isHeld: false,
  isHead: true,
  heldByOthers: 0,
  slotAt: null,
  ...more,
});

const BREAKER = { ...LIMITLESS, breaker: { failures: 1, cooldownSeconds: 10 } };
const open = (openUntil: number) => ({
  ...FRESH_STATE,
  breaker: { failures: 1, openUntil, openedAt: NOW, probe: null },
});

describe("a gate's decision", () => {
  it("without limits: now, under a lease", () => {
    expect(decide(question())).toMatchObject({ kind: "go", at: NOW, leaseUntil: NOW + 30_000 });
  });

  it("one permit a delivery", () => {
    expect(decide(question({ isHeld: true }))).toEqual({ kind: "busy" });
  });

  it("who is not the head is parked and uses nothing up, not even an open breaker's slot", () => {
    const config = { ...BREAKER, perSecond: 1 };
    const state = open(NOW + 5000);
    expect(decide(question({ isHead: false, config, state }))).toEqual({
      kind: "park",
      as: "blocked",
      until: NOW + PARKED_MS,
    });
  });

  it.each([
    [1, 0, "go"],
    [1, 1, "park"],
    [3, 2, "go"],
    [3, 3, "park"],
  ])("concurrency %d with %d under way: %s", (concurrency, heldByOthers, kind) => {
    const config = { ...LIMITLESS, concurrency };
    expect(decide(question({ config, heldByOthers })).kind).toBe(kind);
  });

  it("an open breaker spreads what piles up, at the rate or at the drain's own", () => {
    for (const perSecond of [null, 2]) {
      let state = open(NOW + 5000);
      const untils = ["a", "b", "c"].map((id) => {
        const answer = decide(question({ id, state, config: { ...BREAKER, perSecond } }));
        if (answer.kind !== "slot") throw new Error(answer.kind);
        state = answer.state as typeof state;
        return answer.until;
      });
      const step = intervalMs(perSecond ?? DRAIN_PER_SECOND);
      expect(untils).toEqual([NOW + 5000, NOW + 5000 + step, NOW + 5000 + 2 * step]);
    }
  });

  it("after it has closed, the backlog comes at the drain's rate, and then nothing is held back", () => {
    const config = BREAKER;
    const state = { ...FRESH_STATE, drainUntil: NOW + 1000 };
    const first = decide(question({ config, state }));
    if (first.kind !== "go") throw new Error(first.kind);
    const second = decide(question({ config, state: first.state }));
    expect(second).toMatchObject({ kind: "go", at: first.at + intervalMs(DRAIN_PER_SECOND) });
    expect(decide(question({ config, state, now: NOW + 1000 }))).toMatchObject({ at: NOW + 1000 });
  });

  it("after the cool-down exactly one goes", () => {
    const first = decide(question({ config: BREAKER, state: open(NOW) }));
    if (first.kind !== "go") throw new Error(first.kind);
    expect(first.state.breaker.probe).toEqual({ id: "dlv_1", until: NOW + 30_000 });
    const second = decide(question({ id: "dlv_2", config: BREAKER, state: first.state }));
    expect(second.kind).toBe("slot");
  });

  it("a probe that must wait for the rate is not the probe yet", () => {
    const config = { ...BREAKER, perSecond: 1 };
    const state = { ...open(NOW), rate: { nextCallAt: NOW + 60_000, nextSlotAt: 0 } };
    const answer = decide(question({ config, state }));
    expect(answer).toMatchObject({ kind: "slot", state: { breaker: { probe: null } } });
  });
});
