import { expect, it } from "vitest";
import { crashAndCheck } from "./harness.ts";

/** A longer run by hand: `npm run crash -- --kills 50`. */
it("SIGKILL under load, five times: nothing acknowledged is lost, every call is on record, everything ends", async () => {
  const report = await crashAndCheck({ kills: 5, seed: 20, drainMs: 60_000 });
  expect(report).toMatchObject({ lost: [], unrecorded: [], doubled: 0, unfinished: 0 });
  expect(report.acknowledged).toBeGreaterThan(20);
}, 180_000);
