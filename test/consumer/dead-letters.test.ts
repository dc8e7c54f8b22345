import { expect, it } from "vitest";
import { runJob } from "../../src/jobs/run-job.ts";
import {
  consume,
  consumerEnv,
  deliveryOf,
  expire,
  fakeQueues,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
  received,
} from "./support.ts";

async function recorded(queue: string) {
  const { results } = await consumerEnv.EVENTS_0.prepare(
    "SELECT queue, body, reason FROM malformed_tasks WHERE queue = ?",
  )
    .bind(queue)
    .all();
  return results;
}

it("an event whose task the queue has given up is recorded, and the sweep delivers it", async () => {
  const { env, sent } = fakeQueues();
  const source = await makeSource();
  const destination = await makeDestination();
  await makeRule(source, destination.id);
  const task = await makeEvent(source, { at: Date.now() - 60_000 });
  expect(await consume(env, "events-dead", [task])).toMatchObject({ acked: 1, retried: 0 });
  expect(await recorded("baton-events-dead")).toEqual([
    { queue: "baton-events-dead", body: JSON.stringify(task), reason: "dead_letter" },
  ]);
  expect(await received(destination.key)).toEqual([]);
  expect(await runJob(env, "sweep")).toMatchObject({ unrouted: 1 });
  await consume(env, "events", [sent[0]?.body]);
  expect(await deliveryOf(task.eventId)).toMatchObject({ status: "succeeded" });
});

it("so is a delivery, whatever else is in the batch", async () => {
  const { env, sent } = fakeQueues();
  const source = await makeSource();
  await makeRule(source, (await makeDestination("status/500")).id);
  const task = await makeEvent(source);
  await consume(env, "events", [task]);
  const { id } = await deliveryOf(task.eventId);
  sent.length = 0;
  const batch = [{ deliveryId: id }, "no task at all"];
  expect(await consume(env, "deliveries-dead", batch)).toMatchObject({ acked: 2, retried: 0 });
  expect(await recorded("baton-deliveries-dead")).toHaveLength(2);
  await expire(id, "next_attempt_at");
  expect(await runJob(env, "sweep")).toMatchObject({ due: 1 });
  expect(sent).toMatchObject([{ queue: "deliveries", body: { deliveryId: id } }]);
});

it("comes again while it cannot be recorded", async () => {
  const { env } = fakeQueues();
  const away = {
    prepare: () => {
      throw new Error("D1 is away");
    },
  } as unknown as D1Database;
  const result = await consume({ ...env, EVENTS_0: away }, "events-dead", [{ eventId: "evt_x" }]);
  expect(result).toMatchObject({ acked: 0, retried: 1 });
});
