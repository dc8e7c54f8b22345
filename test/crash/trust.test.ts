import { expect, it } from "vitest";
import { deliverToUnreliable } from "./trust.ts";

const SMALL = { events: 150, seed: 7, downAfterMs: 1500, downForMs: 5000, deadlineMs: 100_000 };
const SOUND = { events: 150, missing: 0, unrecorded: 0, doubled: 0, unexplained: 0 };

/** The whole of it, 5,000 events with a minute's outage, is `npm run crash -- --trust`. */
it("a destination that fails, hangs and goes away gets every event, and every call is on record", async () => {
  expect(await deliverToUnreliable(SMALL)).toMatchObject(SOUND);
}, 180_000);

it("the same with a rate, and no sliding second at the receiver is above it", async () => {
  const report = await deliverToUnreliable({ ...SMALL, perSecond: 20 });
  expect(report).toMatchObject(SOUND);
  expect(report.busiestSecond).toBeLessThanOrEqual(20);
}, 180_000);
