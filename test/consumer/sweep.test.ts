import { beforeEach, describe, expect, it, vi } from "vitest";
import { MAX_SWEPT_ROWS } from "../../src/deliveries/constants.ts";
import { firstIdAt, newId } from "../../src/ids.ts";
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

  it("does not let an outcome that comes too late overwrite what was recorded meanwhile", async () => {
    const { env } = fakeQueues();
    const source = await makeSource();
    const destination = await makeDestination("slow/600", { config: { timeoutMs: 5000 } });
    await makeRule(source, destination.id);
    const task = await makeEvent(source);
    const running = consume(env, "events", [task]);
    await vi.waitFor(async () => expect(await received(destination.key)).toHaveLength(1), 5000);
    const { id } = await deliveryOf(task.eventId);
    await expire(id, "lease_until");
    expect(await runJob(env, "sweep")).toMatchObject({ interrupted: 1 });
    await running;
    expect(await deliveryOf(task.eventId)).toMatchObject({
      status: "retrying",
      outcome: "interrupted",
      attempt: 1,
    });
  });

  it("holds the watermark back as long as it is unfinished", async () => {
    const { env, id } = await crashed(false);
    const old = firstIdAt("delivery", Date.now() - 20 * MINUTE_MS);
    await consumerEnv.EVENTS_0.prepare("UPDATE deliveries SET id = ? WHERE id = ?")
      .bind(old, id)
      .run();
    await runJob(env, "sweep");
    expect((await watermark("deliveries_born")) <= old).toBe(true);
    await expire(old, "lease_until");
    expect(await runJob(env, "sweep")).toMatchObject({ interrupted: 1 });
    await runJob(env, "sweep");
    expect((await watermark("deliveries_born")) > old).toBe(true);
  });
});

it("one sick part of the sweep does not keep the others from their work", async () => {
  const { env } = fakeQueues();
  const source = await makeSource();
  await makeRule(source, (await makeDestination("status/500")).id);
  const task = await makeEvent(source, { at: Date.now() - 10 * MINUTE_MS });
  await consume(env, "events", [task]);
  await makeEvent(source, { at: Date.now() - 10 * MINUTE_MS });
  const { id } = await deliveryOf(task.eventId);
  await expire(id, "next_attempt_at");
  const sent: unknown[] = [];
  const broken = {
    ...env,
    EVENTS_QUEUE: {
      sendBatch: () => Promise.reject(new Error("queue is down")),
    } as unknown as Queue,
    DELIVERIES_QUEUE: {
      sendBatch: async (messages: unknown[]) => void sent.push(...messages),
    } as unknown as Queue,
  };
  await expect(runJob(broken, "sweep")).rejects.toThrow("sweep failed");
  expect(sent).toMatchObject([{ body: { deliveryId: id } }]);
});

it("more unrouted events than one sweep can handle are all sent, in turns", async () => {
  const { env, sent } = fakeQueues();
  const source = await makeSource();
  const at = Date.now() - 10 * MINUTE_MS;
  const insert = consumerEnv.EVENTS_0.prepare(
    `INSERT INTO events (id, organization_id, source_id, sender_name, method, host, path, query, headers, size, sha256,
      received_at, hops, status) VALUES (?, 'o', ?, '', 'GET', 'h', '/', '', '[]', 0, '', 0, 0, 'stored')`,
  );
  const ids = Array.from({ length: MAX_SWEPT_ROWS + 50 }, (_, i) => newId("event", at + i, 0));
  await consumerEnv.EVENTS_0.batch(ids.map((id) => insert.bind(id, source)));
  expect(await runJob(env, "sweep")).toMatchObject({ unrouted: MAX_SWEPT_ROWS });
  expect(await runJob(env, "sweep")).toMatchObject({ unrouted: 50 });
  expect(new Set(sent.map(({ body }) => (body as { eventId: string }).eventId))).toEqual(
    new Set(ids),
  );
  expect(await runJob(env, "sweep")).toMatchObject({ unrouted: MAX_SWEPT_ROWS });
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
  expect(Object.keys(CRONS)).toEqual(["* * * * *", "*/5 * * * *", "17 * * * *"]);
});

it("prune deletes strays after a week, and what else has outlived its time", async () => {
  const { env } = fakeQueues();
  const old = Date.now() - 8 * 24 * 60 * MINUTE_MS;
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
    consumerEnv.DB.prepare("INSERT INTO settings VALUES ('no_json', 'a b')"),
    ...[old - 366 * 24 * 60 * MINUTE_MS, old].map((at) =>
      consumerEnv.DB.prepare("INSERT INTO settings VALUES (?, ?)").bind(
        `transform:${newId("rule", at)}`,
        JSON.stringify({ at, transform: [] }),
      ),
    ),
  ]);
  const insertKey = (key: string, until: number) =>
    consumerEnv.EVENTS_0.prepare("INSERT INTO dedup_keys VALUES ('src', ?, 'evt', ?)").bind(
      key,
      until,
    );
  await consumerEnv.EVENTS_0.batch([
    insertKey("old", old),
    insertKey("new", Date.now() + MINUTE_MS),
  ]);
  expect(await runJob(env, "prune")).toMatchObject({
    strays: 1,
    dedupKeys: 1,
    malformedTasks: 0,
    idempotencyKeys: 1,
    reservedNames: 1,
    deletedTransforms: 1,
  });
});
