import { randomInt } from "node:crypto";
import { expect, it } from "vitest";
import { crashAndCheck } from "./harness.ts";

/**
 * Each run kills at other moments; each point where the process may die is in failure-table.test.ts, so a few kills are
 * enough here. A longer run by hand: `npm run crash -- --kills 50`.
 */
it("SIGKILL under load, three times: nothing acknowledged is lost, every call is on record, everything ends", async () => {
  const seed = Number(process.env.BATON_SEED ?? randomInt(2 ** 31));
  console.log(`seed ${seed} (BATON_SEED=${seed} makes this run again)`);
  const report = await crashAndCheck({ kills: 3, seed, drainMs: 90_000 });
  expect(report).toMatchObject({ lost: [], unrecorded: [], doubled: 0, unfinished: 0 });
  expect(report.acknowledged).toBeGreaterThan(10);
}, 180_000);
