import { expect, it } from "vitest";
import { deliverToUnreliable } from "./trust.ts";

/** The whole of it, 5,000 events with a minute's outage, is `npm run crash -- --trust`. */
it("a destination that fails, hangs and goes away gets every event, and every call is on record", async () => {
  const report = await deliverToUnreliable({
    events: 150,
    seed: 7,
    downAfterMs: 1500,
    downForMs: 5000,
    deadlineMs: 100_000,
  });
  expect(report).toMatchObject({
    events: 150,
    missing: 0,
    unrecorded: 0,
    doubled: 0,
    unexplained: 0,
  });
}, 180_000);
