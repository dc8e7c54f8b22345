import { expect, it } from "vitest";
import { newId } from "../../src/ids.ts";
import { runJob } from "../../src/jobs/run-job.ts";
import {
  consume,
  consumerEnv,
  eventStatus,
  fakeQueues,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
  received,
} from "./support.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Gives a stored event a registered sender. */
async function setSender(eventId: string, id: string, more = "") {
  await consumerEnv.EVENTS_0.prepare(
    `UPDATE events SET sender_id = ?, sender_name = 'billing-1', sender_by = 'match' ${more} WHERE id = ?`,
  )
    .bind(id, eventId)
    .run();
}

it("a rule by a sender's id or name takes that sender's events only", async () => {
  const { env } = fakeQueues();
  const source = await makeSource();
  const [byId, byName] = [await makeDestination(), await makeDestination()];
  const id = newId("sender");
  await makeRule(source, byId.id, { match: { sender: id } });
  await makeRule(source, byName.id, { match: { sender: "billing-*" } });
  const tasks = [await makeEvent(source), await makeEvent(source)] as const;
  await setSender(tasks[0].eventId, id);
  await consume(env, "events", [...tasks]);
  expect(await received(byId.key)).toHaveLength(1);
  expect(await received(byName.key)).toHaveLength(1);
  expect(await eventStatus(tasks[0].eventId)).toBe("routed");
  expect(await eventStatus(tasks[1].eventId)).toBe("unmatched");
});

it("a muted sender's event stays muted, whoever sends a task for it", async () => {
  const { env } = fakeQueues();
  const source = await makeSource();
  const destination = await makeDestination();
  await makeRule(source, destination.id);
  const task = await makeEvent(source);
  await setSender(task.eventId, newId("sender"), ", status = 'muted', routed_at = received_at");
  expect(await consume(env, "events", [task])).toMatchObject({ acked: 1 });
  expect(await received(destination.key)).toEqual([]);
  expect(await eventStatus(task.eventId)).toBe("muted");
});

it("prune deletes counts of refused requests after 30 days", async () => {
  const day = (ago: number) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);
  for (const ago of [0, 29, 32, 400]) {
    await consumerEnv.EVENTS_0.prepare("INSERT INTO sender_refusals VALUES ('s', 'x', ?, 1, 1)")
      .bind(day(ago))
      .run();
  }
  expect(await runJob(consumerEnv, "prune")).toMatchObject({ senderRefusals: 2 });
  const { results } = await consumerEnv.EVENTS_0.prepare(
    "SELECT day FROM sender_refusals ORDER BY day",
  ).all();
  expect(results.map((row) => row.day)).toEqual([day(29), day(0)]);
});
