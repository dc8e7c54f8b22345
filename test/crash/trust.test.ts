import { beforeAll, expect, it, vi } from "vitest";
import { startSession, type TestSession } from "../support/session.ts";
import { deliverToUnreliable } from "./trust.ts";

/*
 * Two destinations of one session, beside each other: most of the time both wait for the next tries. The whole of it,
 * 5,000 events with a minute's outage, is `npm run crash -- --trust`.
 */

const SMALL = { events: 150, seed: 7, downAfterMs: 1500, downForMs: 5000, deadlineMs: 180_000 };
const SOUND = { events: 150, missing: 0, unrecorded: 0, doubled: 0, unexplained: 0 };
vi.setConfig({ testTimeout: 300_000 });

let session: TestSession;
beforeAll(async () => {
  session = await startSession();
});

it.concurrent("a destination that fails, hangs and goes away gets every event, and every call is on record", async () => {
  expect(await deliverToUnreliable({ ...SMALL, session })).toMatchObject(SOUND);
});

it.concurrent("the same with a rate, and no sliding second at the receiver is above it", async () => {
  const report = await deliverToUnreliable({ ...SMALL, session, perSecond: 20 });
  expect(report).toMatchObject(SOUND);
  expect(report.busiestSecond).toBeLessThanOrEqual(20);
});
