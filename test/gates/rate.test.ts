import { describe, expect, it } from "vitest";
import { MAX_INLINE_WAIT_MS, PERMIT_LEAD_MS } from "../../src/gates/constants.ts";
import { FRESH_RATE, intervalMs, takeLateTurn, takeTurn } from "../../src/gates/rate.ts";
import { randomFrom } from "./random.ts";

const JITTER_MS = 99;

/** The most values in any half-open window. */
function mostInAnyWindow(times: number[], windowMs: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  let from = 0;
  let most = 0;
  for (const [to, at] of sorted.entries()) {
    while (at - (sorted[from] ?? 0) >= windowMs) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

/** Deliveries ask at random times, come back when they are told to (somewhat late), until all have called. */
function simulate(perSecond: number, count: number, random: () => number): number[] {
  let state = FRESH_RATE;
  const calls: number[] = [];
  const asking = Array.from({ length: count }, () => ({
    at: 1e6 + random() * 2000,
    slotAt: null as number | null,
  }));
  while (asking.length > 0) {
    asking.sort((a, b) => a.at - b.at);
    const next = asking.shift();
    if (!next) break;
    const turn = takeTurn(state, { perSecond, slotAt: next.slotAt, now: next.at });
    state = turn.state;
    if (turn.kind === "go") calls.push(turn.at + random() * JITTER_MS);
    else asking.push({ at: turn.until + random() * 1000, slotAt: turn.until });
  }
  return calls;
}

describe("a rate", () => {
  it.each([0.5, 1, 2, 3, 7, 10, 50, 333, 500])(
    "%d a second: no sliding second has more, however the calls come and however the way varies",
    (perSecond) => {
      for (let seed = 1; seed <= 20; seed++) {
        const calls = simulate(perSecond, 150, randomFrom(seed * 7919));
        expect(calls).toHaveLength(150);
        expect(mostInAnyWindow(calls, 1000)).toBeLessThanOrEqual(Math.ceil(perSecond));
      }
    },
  );

  it("loses no more than its margin and the lateness of those who come back", () => {
    const calls = simulate(10, 200, randomFrom(1));
    const took = Math.max(...calls) - Math.min(...calls);
    expect(took).toBeLessThan(200 * intervalMs(10) + 5000);
  });

  it("lets the first one go after the claim's head start, and the next one an interval later", () => {
    const first = takeTurn(FRESH_RATE, { perSecond: 1, slotAt: null, now: 5000 });
    expect(first).toMatchObject({ kind: "go", at: 5000 + PERMIT_LEAD_MS });
    const second = takeTurn(first.state, { perSecond: 1, slotAt: null, now: 5000 });
    expect(second).toMatchObject({ kind: "go", at: 5000 + PERMIT_LEAD_MS + intervalMs(1) });
  });

  it("gives a backlog slots one interval apart, and later ones queue up behind", () => {
    let state = FRESH_RATE;
    const answers = Array.from({ length: 6 }, () => {
      const turn = takeTurn(state, { perSecond: 1, slotAt: null, now: 0 });
      state = turn.state;
      return turn;
    });
    expect(answers.map(({ kind }) => kind)).toEqual(["go", "go", "slot", "slot", "slot", "slot"]);
    const slots = answers.flatMap((turn) => (turn.kind === "slot" ? [turn.until] : []));
    const gaps = slots.slice(1).map((until, i) => until - (slots[i] ?? 0));
    for (const gap of gaps) expect(gap).toBeCloseTo(intervalMs(1));
    const late = takeTurn(state, { perSecond: 1, slotAt: null, now: 2000 });
    expect(late).toMatchObject({ kind: "slot", until: (slots.at(-1) ?? 0) + intervalMs(1) });
  });

  it("keeps a slot that was asked for too early", () => {
    const turn = takeTurn(FRESH_RATE, { perSecond: 1, slotAt: 60_000, now: 0 });
    expect(turn).toEqual({ kind: "slot", until: 60_000, state: FRESH_RATE });
  });

  it("never makes anybody wait longer than the consumer can", () => {
    const state = { nextCallAt: MAX_INLINE_WAIT_MS + 1, nextSlotAt: 0 };
    expect(takeTurn(state, { perSecond: 5, slotAt: null, now: 0 }).kind).toBe("slot");
    expect(takeTurn(state, { perSecond: 5, slotAt: 0, now: 0 })).toMatchObject({
      kind: "slot",
      until: state.nextCallAt,
    });
  });

  it("gives a call that was held up another time, and pushes the others back", () => {
    const late = takeLateTurn({ nextCallAt: 900, nextSlotAt: 0 }, { perSecond: 10, now: 1000 });
    expect(late).toMatchObject({ at: 1100, state: { nextCallAt: 1100 + intervalMs(10) } });
  });
});
