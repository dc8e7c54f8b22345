import { describe, expect, it } from "vitest";
import { World } from "./model-world.ts";
import { seeded } from "./random.ts";

/*
 * Accounts that share a phone; logins stopped at every await; SMS lost, late, doubled and used again; wrong codes;
 * sites that fail, end sessions early, or allow one. `SCHEDULE_SEED` repeats a run.
 */
const SCHEDULES = 10_000;
const STEPS = 60;
const TIMEOUT_MS = 60_000;

describe("the state machine", () => {
  it(`keeps its invariants over ${SCHEDULES} random schedules`, { timeout: TIMEOUT_MS }, () => {
    const seed = Number(process.env.SCHEDULE_SEED ?? Date.now() % 1_000_000_000);
    console.log(`seed ${seed}`);
    const sums: Record<string, number> = {};
    for (let n = 0; n < SCHEDULES; n++) {
      const world = new World(seeded(seed + n));
      try {
        for (let step = 0; step < STEPS; step++) world.step();
      } catch (error) {
        throw new Error(`SCHEDULE_SEED=${seed + n}: ${String(error)}`, { cause: error });
      }
      for (const [what, count] of Object.entries(world.counts)) {
        sums[what] = (sums[what] ?? 0) + count;
      }
    }
    console.log(sums);
    // The schedules reach what they are about.
    expect(sums.leases).toBeGreaterThan(SCHEDULES);
    expect(Math.min(...Object.values(sums))).toBeGreaterThan(20);
  });
});
