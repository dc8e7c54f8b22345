import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/crypto.ts";
import { newId } from "../../src/ids.ts";
import {
  consume,
  consumerEnv,
  deliveriesOf,
  deliveryOf,
  eventStatus,
  fakeQueues,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
  received,
} from "./support.ts";

describe("an event is routed", () => {
  it("to the destination of the rule that matches, and delivered at the first try", async () => {
    const { env } = fakeQueues();
    const source = await makeSource();
    const destination = await makeDestination();
    await makeRule(source, destination.id, { match: { text: { contains: "승인" } } });
    const task = await makeEvent(source, { body: "신한카드 승인 12,000원" });
    expect(await consume(env, "events", [task])).toMatchObject({ acked: 1, retried: 0 });
    expect(await deliveryOf(task.eventId)).toMatchObject({
      status: "succeeded",
      attempt: 1,
      outcome: "succeeded",
      lease_until: null,
      next_attempt_at: null,
    });
    expect(await eventStatus(task.eventId)).toBe("routed");
    expect((await received(destination.key)).map(({ body }) => body)).toEqual([
      "신한카드 승인 12,000원",
    ]);
  });

  it("to every rule in order, until one that stops", async () => {
    const { env } = fakeQueues();
    const source = await makeSource();
    const [first, second, never] = [
      await makeDestination(),
      await makeDestination(),
      await makeDestination(),
    ];
    await makeRule(source, never.id, { order: 3 });
    await makeRule(source, second.id, { order: 2, stop: true });
    await makeRule(source, first.id, { order: 1 });
    const task = await makeEvent(source);
    await consume(env, "events", [task]);
    expect(await received(first.key)).toHaveLength(1);
    expect(await received(second.key)).toHaveLength(1);
    expect(await received(never.key)).toHaveLength(0);
  });

  it("nowhere when no rule matches, and says so", async () => {
    const { env } = fakeQueues();
    const source = await makeSource();
    await makeRule(source, (await makeDestination()).id, { match: { method: ["PUT"] } });
    const task = await makeEvent(source);
    await consume(env, "events", [task]);
    expect(await eventStatus(task.eventId)).toBe("unmatched");
    expect(await deliveriesOf(task.eventId)).toEqual([]);
  });

  it("with its body from R2, which rules see too", async () => {
    const { env } = fakeQueues();
    const source = await makeSource();
    const destination = await makeDestination();
    await makeRule(source, destination.id, { match: { text: { contains: "needle" } } });
    const body = new TextEncoder().encode(`${"x".repeat(400_000)}needle`);
    const task = await makeEvent(source, { body: new Uint8Array(body), r2: true });
    await consume(env, "events", [task]);
    const [call] = await received(destination.key);
    expect(call?.sha256).toBe(await sha256Hex(new Uint8Array(body)));
    expect(call?.headers).toContainEqual(["Content-Length", String(body.length)]);
  });

  it("not when its body cannot be read now: the task comes again, its neighbours go on", async () => {
    const source = await makeSource();
    const destination = await makeDestination();
    await makeRule(source, destination.id, { match: { text: { contains: "o" } } });
    const { env } = fakeQueues();
    const bodies = { get: () => Promise.reject(new Error("R2 is down")) } as unknown as R2Bucket;
    const broken = await makeEvent(source, { body: "foo", r2: true });
    const fine = await makeEvent(source, { body: "foo" });
    const result = await consume({ ...env, BODIES: bodies }, "events", [broken, fine]);
    expect(result).toMatchObject({ acked: 1, retried: 1 });
    expect(await eventStatus(broken.eventId)).toBe("stored");
    expect(await eventStatus(fine.eventId)).toBe("routed");
  });

  it("once, however often its task comes", async () => {
    const { env } = fakeQueues();
    const source = await makeSource();
    const destination = await makeDestination();
    await makeRule(source, destination.id);
    const task = await makeEvent(source);
    await Promise.all([
      consume(env, "events", [task, task]),
      consume(env, "events", [task]),
      consume(env, "events", [task]),
    ]);
    expect(await deliveriesOf(task.eventId)).toHaveLength(1);
    expect(await received(destination.key)).toHaveLength(1);
  });
});

describe("every message stands for itself", () => {
  it.each([
    ["no object", "garbage"],
    ["null", null],
    ["another shape", { eventId: 7 }],
    ["no event id", { eventId: "evt_nonsense", sourceId: "src_x" }],
    [
      "an id of an unbound database",
      { eventId: "evt_01h455vb4pe00vsknk084sn02q", sourceId: "src_x" },
    ],
    ["a delivery's id", { eventId: "dlv_01h455vb4pex5vsknk084sn02q", sourceId: "src_x" }],
  ])("%s is recorded and acked, and its neighbour delivered", async (_, garbage) => {
    const { env } = fakeQueues();
    await consumerEnv.EVENTS_0.prepare("DELETE FROM malformed_tasks").run();
    const source = await makeSource();
    const destination = await makeDestination();
    await makeRule(source, destination.id);
    const task = await makeEvent(source);
    expect(await consume(env, "events", [garbage, task])).toMatchObject({ acked: 2, retried: 0 });
    const record = await consumerEnv.EVENTS_0.prepare("SELECT * FROM malformed_tasks").first();
    expect(record).toMatchObject({ queue: "baton-events", body: JSON.stringify(garbage) });
    expect(await received(destination.key)).toHaveLength(1);
  });

  it("a task that comes before its event is tried again, and dropped in the end", async () => {
    const { env } = fakeQueues();
    const ghost = { eventId: newId("event", Date.now(), 0), sourceId: "src_x" };
    const source = await makeSource();
    const task = await makeEvent(source);
    expect(await consume(env, "events", [ghost, task])).toMatchObject({ acked: 1, retried: 1 });
    expect(await consume(env, "events", [ghost], 3)).toMatchObject({ acked: 1, retried: 0 });
  });

  it("a rule whose stored match is broken does not hide the others", async () => {
    const { env } = fakeQueues();
    const source = await makeSource();
    const destination = await makeDestination();
    await makeRule(source, destination.id, { match: { nonsense: true } });
    await makeRule(source, destination.id);
    const task = await makeEvent(source);
    await consume(env, "events", [task]);
    expect(await received(destination.key)).toHaveLength(1);
  });

  it("when the database is down the whole batch comes again", async () => {
    const { env } = fakeQueues();
    const task = await makeEvent(await makeSource());
    const down = {
      prepare: () => {
        throw new Error("D1 is down");
      },
    } as unknown as D1Database;
    expect(await consume({ ...env, EVENTS_0: down }, "events", [task])).toMatchObject({
      acked: 0,
      retried: 1,
    });
  });
});
