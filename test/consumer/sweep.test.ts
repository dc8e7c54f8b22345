import { beforeEach, describe, expect, it } from "vitest";
import { runCron, runJob } from "../../src/jobs/run-job.ts";
import { CRONS } from "../../src/jobs/schemas.ts";
import {
  attemptsOf,
  consume,
  consumerEnv,
  deliveriesOf,
  deliveryOf,
  expire,
  fakeQueues,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
  received,
} from "./support.ts";

const MINUTE_MS = 60_000;

beforeEach(async () => {
  await consumerEnv.EVENTS_0.batch(
    ["events", "deliveries", "attempts", "watermarks"].map((table) =>
      consumerEnv.EVENTS_0.prepare(`DELETE FROM ${table}`),
    ),
  );
});

async function watermark(name: string): Promise<string> {
  const row = await consumerEnv.EVENTS_0.prepare("SELECT value FROM watermarks WHERE name = ?")
    .bind(name)
    .first<{ value: string }>();
  return row?.value ?? "";
}

describe("events that nobody has routed", () => {
  it("are sent again, again and again until they are routed", async () => {
    const { env, sent } = fakeQueues();
    const source = await makeSource();
    const task = await makeEvent(source, { at: Date.now() - 10 * MINUTE_MS });
    expect(await runJob(env, "sweep")).toMatchObject({ unrouted: 1 });
    expect(await runJob(env, "sweep")).toMatchObject({ unrouted: 1 });
    expect(sent.map(({ body }) => body)).toEqual([task, task]);
    await consume(env, "events", [sent[0]?.body]);
    expect(await runJob(env, "sweep")).toMatchObject({ unrouted: 0 });
  });

  it("are left to the queue while they are young", async () => {
    const { env } = fakeQueues();
    await makeEvent(await makeSource());
    const patient = { ...env, SWEEP_GRACE_MS: String(MINUTE_MS) };
    expect(await runJob(patient, "sweep")).toMatchObject({ unrouted: 0 });
  });

  it("hold the watermark back; what is finished is not read again", async () => {
    const { env } = fakeQueues();
    const source = await makeSource();
    const stuck = await makeEvent(source, { at: Date.now() - 20 * MINUTE_MS });
    await runJob(env, "sweep");
    expect(await watermark("events_routed")).toBe(stuck.eventId);
    await consume(env, "events", [stuck]);
    await runJob(env, "sweep");
    const after = await watermark("events_routed");
    expect(after > stuck.eventId).toBe(true);
    // An event behind the watermark would be lost to the sweep, so it stays far enough behind the clock.
    const fresh = await makeEvent(source, { at: Date.now() - MINUTE_MS });
    expect(fresh.eventId > after).toBe(true);
    expect(await runJob(env, "sweep")).toMatchObject({ unrouted: 1 });
  });
});

describe("a claim that was never finished", () => {
  async function crashed(late: boolean) {
    const { env, sent } = fakeQueues();
    const source = await makeSource();
    const destination = await makeDestination(late ? "status/500" : "ok");
    await makeRule(source, destination.id);
    const task = await makeEvent(source);
    await consume(env, "events", [task]);
    const { id } = await deliveryOf(task.eventId);
    // As a process leaves it that dies after the call and before the write.
    await consumerEnv.EVENTS_0.prepare(
      "UPDATE deliveries SET status = 'delivering', outcome = NULL, reason = NULL, lease_id = 'dead', lease_until = ?, late = ? WHERE id = ?",
    )
      .bind(Date.now() + MINUTE_MS, late ? 1 : 0, id)
      .run();
    sent.length = 0;
    return { env, sent, destination, task, id };
  }

  it.each([
    ["born claimed", false],
    ["claimed later", true],
  ])("(%s) waits for its lease, is recorded as interrupted, and tried again", async (_, late) => {
    const { env, sent, destination, task, id } = await crashed(late);
    expect(await runJob(env, "sweep")).toMatchObject({ interrupted: 0 });
    await expire(id, "lease_until");
    expect(await runJob(env, "sweep")).toMatchObject({ interrupted: 1 });
    expect(await deliveryOf(task.eventId)).toMatchObject({
      status: "retrying",
      outcome: "interrupted",
      attempt: 1,
      uncounted: 1,
    });
    expect(sent).toContainEqual(expect.objectContaining({ body: { deliveryId: id } }));
    await consume(env, "deliveries", [{ deliveryId: id }]);
    expect(await deliveryOf(task.eventId)).toMatchObject({ attempt: 2 });
    expect(await attemptsOf(id)).toEqual([
      { number: 1, outcome: "interrupted", reason: "interrupted" },
    ]);
    const ids = (await received(destination.key)).map(
      ({ headers }) => headers.find(([name]) => name.toLowerCase() === "webhook-id")?.[1],
    );
    expect(ids).toEqual([id, id]);
  });

  it("does not let the late outcome of the dead process overwrite what came after", async () => {
    const { env, task, id } = await crashed(false);
    await expire(id, "lease_until");
    await runJob(env, "sweep");
    await consume(env, "deliveries", [{ deliveryId: id }]);
    const done = await deliveryOf(task.eventId);
    const late = await consumerEnv.EVENTS_0.prepare(
      "UPDATE deliveries SET status = 'failed' WHERE id = ? AND lease_id = 'dead'",
    )
      .bind(id)
      .run();
    expect(late.meta.changes).toBe(0);
    expect(done.status).toBe("succeeded");
  });
});

it("a delivery past its due time, whose task is lost, is sent again", async () => {
  const { env, sent } = fakeQueues();
  const source = await makeSource();
  await makeRule(source, (await makeDestination("status/500")).id);
  const task = await makeEvent(source);
  await consume(env, "events", [task]);
  const { id } = await deliveryOf(task.eventId);
  sent.length = 0;
  expect(await runJob(env, "sweep")).toMatchObject({ due: 0 });
  await expire(id, "next_attempt_at");
  expect(await runJob(env, "sweep")).toMatchObject({ due: 1 });
  expect(sent).toMatchObject([{ queue: "deliveries", body: { deliveryId: id } }]);
  expect(await deliveriesOf(task.eventId)).toHaveLength(1);
});

it("the cron runs the jobs that it is declared for", async () => {
  const { env, sent } = fakeQueues();
  await makeEvent(await makeSource(), { at: Date.now() - 10 * MINUTE_MS });
  await runCron(env, "* * * * *");
  expect(sent).toHaveLength(1);
  await runCron(env, "0 0 31 2 *");
  expect(sent).toHaveLength(1);
  expect(Object.keys(CRONS)).toEqual(["* * * * *", "17 * * * *"]);
});

it("prune deletes strays after a week, and what else has outlived its time", async () => {
  const { env } = fakeQueues();
  const old = Date.now() - 8 * 24 * 60 * MINUTE_MS;
  const { newId } = await import("../../src/ids.ts");
  const insert = (at: number) =>
    consumerEnv.EVENTS_0.prepare(
      "INSERT INTO strays VALUES (?, NULL, 'h', 'GET', '/', '', '[]', 0, NULL, NULL, 'unknown_source', ?)",
    ).bind(newId("stray", at, 0), at);
  await consumerEnv.EVENTS_0.batch([insert(old), insert(Date.now())]);
  await consumerEnv.DB.batch([
    consumerEnv.DB.prepare("INSERT INTO idempotency_keys VALUES ('o', 'old', '', '', ?)").bind(old),
    consumerEnv.DB.prepare("INSERT INTO idempotency_keys VALUES ('o', 'new', '', '', ?)").bind(
      Date.now(),
    ),
    consumerEnv.DB.prepare("INSERT INTO reserved_names VALUES ('slug', 'old', 'o', ?)").bind(old),
  ]);
  expect(await runJob(env, "prune")).toEqual({
    strays: 1,
    malformedTasks: 0,
    idempotencyKeys: 1,
    reservedNames: 1,
  });
});
