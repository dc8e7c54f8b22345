import { expect, it } from "vitest";
import { runJob } from "../../src/jobs/run-job.ts";
import {
  consume,
  deliveryOf,
  expire,
  fakeQueues,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
  received,
} from "./support.ts";

/** A queue delays a message by a day at most. What waits longer has its due time in D1, and the sweep. */

const DAY_MS = 86_400_000;

async function failOnce(behaviour: string, schedule?: number[]) {
  const queues = fakeQueues();
  const source = await makeSource();
  const destination = await makeDestination(behaviour, schedule ? { schedule } : {});
  await makeRule(source, destination.id);
  const task = await makeEvent(source);
  await consume(queues.env, "events", [task]);
  const delivery = await deliveryOf(task.eventId);
  const waitMs = (delivery.next_attempt_at ?? 0) - Date.now();
  return { ...queues, destination, task, delivery, waitMs };
}

it("thirty days: no message, no early try, and the sweep sends the task when it is due", async () => {
  const { env, sent, destination, task, delivery, waitMs } = await failOnce("status/500", [
    0,
    30 * 86_400,
  ]);
  expect(delivery.status).toBe("retrying");
  expect(waitMs).toBeGreaterThan(30 * DAY_MS - 10_000);
  expect(waitMs).toBeLessThanOrEqual(36 * DAY_MS);
  expect(sent).toEqual([]);

  await runJob(env, "sweep");
  expect(sent.filter(({ queue }) => queue === "deliveries")).toEqual([]);
  await expire(delivery.id, "next_attempt_at");
  await runJob(env, "sweep");
  expect(sent).toContainEqual(expect.objectContaining({ body: { deliveryId: delivery.id } }));
  await consume(env, "deliveries", [{ deliveryId: delivery.id }]);
  expect(await deliveryOf(task.eventId)).toMatchObject({ status: "failed", attempt: 2 });
  expect(await received(destination.key)).toHaveLength(2);
});

it("its first wait too may be longer than a queue delays", async () => {
  const { sent, destination, delivery, waitMs } = await failOnce("ok", [2 * 86_400]);
  expect(delivery).toMatchObject({ status: "pending", attempt: 0 });
  expect(waitMs).toBeGreaterThan(2 * DAY_MS - 10_000);
  expect(sent).toEqual([]);
  expect(await received(destination.key)).toHaveLength(0);
});

it("just under a day is the queue's", async () => {
  const { sent, waitMs } = await failOnce("status/500", [0, 60_000]);
  expect(sent).toMatchObject([{ queue: "deliveries" }]);
  expect(sent[0]?.delaySeconds).toBe(Math.ceil(waitMs / 1000));
});

it.each([
  ["seconds", "90", 90_000, 108_000],
  ["more than a day, cut to a day", "999999", DAY_MS, 1.2 * DAY_MS],
  ["a date", new Date(Date.now() + 600_000).toUTCString(), 590_000, 720_000],
  ["a date that has passed: the schedule's own wait", new Date(0).toUTCString(), 5000, 6000],
  ["a text that is neither: the schedule's own wait", "in a while", 5000, 6000],
  ["a negative number: the schedule's own wait", "-7", 5000, 6000],
])("Retry-After as %s", async (_, value, least, most) => {
  const { delivery, waitMs } = await failOnce(`retry-after/${encodeURIComponent(value)}`);
  expect(delivery).toMatchObject({ status: "retrying", reason: "rate_limited", attempt: 1 });
  expect(waitMs).toBeGreaterThan(least - 3000);
  expect(waitMs).toBeLessThanOrEqual(most);
});

it.each([301, 302, 303, 307, 308])(
  "%d is a failure, and its target is never called",
  async (status) => {
    // The receiver's `location` holds the destination's key, so a call that followed it would be counted here.
    const { env, destination, task, delivery } = await failOnce(`status/${status}`);
    expect(delivery).toMatchObject({ status: "retrying", reason: "redirect" });
    await expire(delivery.id, "next_attempt_at");
    await consume(env, "deliveries", [{ deliveryId: delivery.id }]);
    expect((await deliveryOf(task.eventId)).attempt).toBe(2);
    const calls = await received(destination.key);
    expect(calls.map(({ url }) => url)).toEqual([
      `/status/${status}/${destination.key}`,
      `/status/${status}/${destination.key}`,
    ]);
  },
);

it("a destination that does not answer: its retries are set back untried but for one probe", async () => {
  const { env, sent } = fakeQueues();
  const source = await makeSource();
  const destination = await makeDestination("reset", { schedule: [0, 2, 2, 2] });
  await makeRule(source, destination.id);
  const events = await Promise.all([1, 2, 3, 4, 5, 6].map(() => makeEvent(source)));
  await consume(env, "events", events);
  const ids = await Promise.all(events.map(async (task) => (await deliveryOf(task.eventId)).id));
  for (const id of ids) await expire(id, "next_attempt_at");
  const called = (await received(destination.key)).length;
  sent.length = 0;
  await consume(
    env,
    "deliveries",
    ids.map((deliveryId) => ({ deliveryId })),
  );
  expect(await received(destination.key)).toHaveLength(called + 1);
  const rows = await Promise.all(events.map((task) => deliveryOf(task.eventId)));
  expect(rows.map(({ attempt }) => attempt).toSorted((a, b) => a - b)).toEqual([1, 1, 1, 1, 1, 2]);
  expect(sent.length).toBe(ids.length);

  // A fresh event to it goes by the retry queue as well, where it holds nobody up.
  const fresh = await makeEvent(source);
  await consume(env, "events", [fresh]);
  expect(await deliveryOf(fresh.eventId)).toMatchObject({ status: "pending", attempt: 0 });
  expect(await received(destination.key)).toHaveLength(called + 1);
});
