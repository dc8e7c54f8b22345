import { describe, expect, it, vi } from "vitest";
import type { CallSlots } from "../../src/deliveries/call-slots.ts";
import { SILENT_CALLS } from "../../src/deliveries/constants.ts";
import { consumerDeps } from "../../src/deliveries/deps.ts";
import { callThroughGate } from "../../src/deliveries/gated-delivery.ts";
import { loadEvents } from "../../src/deliveries/load-events.ts";
import { loadWaiting } from "../../src/deliveries/load-waiting.ts";
import { noteSilence, restUntil } from "../../src/deliveries/unwell.ts";
import { type GateAnswer, gateConfigOf } from "../../src/gates/index.ts";
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

const MINUTE_MS = 60_000;

/** Any call of a gate fails the test. */
const noGates = new Proxy({} as ConsumerEnv["GATE"], {
  get() {
    throw new Error("a gate was called");
  },
});

async function ask(destinationId: string, gate: { concurrency?: number; orderKey?: string }) {
  await consumerEnv.DB.prepare(
    "UPDATE destinations SET rate = ?, ordered = ?, order_key = ? WHERE id = ?",
  )
    .bind(
      gate.concurrency ? JSON.stringify({ concurrency: gate.concurrency }) : null,
      gate.orderKey ? "key" : "none",
      gate.orderKey ?? null,
      destinationId,
    )
    .run();
}

async function makeOrdered(behaviour = "ok", schedule?: number[]) {
  const source = await makeSource();
  const destination = await makeDestination(behaviour, schedule ? { schedule } : {});
  await ask(destination.id, { orderKey: "sender" });
  await makeRule(source, destination.id);
  return { source, destination };
}

const eventIds = async (key: string) =>
  (await received(key)).map(({ headers }) => headers.find(([n]) => n === "x-baton-event-id")?.[1]);

describe("a delivery that is ordered", () => {
  it.each([
    ["now", 0],
    ["after an outage of the consumer", 10 * MINUTE_MS],
  ])("waits for an earlier event of its source to be routed: %s", async (_, age) => {
    const { source, destination } = await makeOrdered();
    const { env, sent } = fakeQueues();
    const first = await makeEvent(source, { at: Date.now() - age - 2000 });
    const second = await makeEvent(source, { at: Date.now() - age - 1000 });
    await consume(env, "events", [second]);
    const later = await deliveryOf(second.eventId);
    expect(later).toMatchObject({ status: "pending", attempt: 0 });
    await consume(env, "deliveries", [{ deliveryId: later.id }]);
    expect(await received(destination.key)).toEqual([]);
    expect(sent.at(-1)).toMatchObject({ queue: "deliveries", delaySeconds: 1 });

    await consume(env, "events", [first]);
    const earlier = await deliveryOf(first.eventId);
    await consume(env, "deliveries", [{ deliveryId: earlier.id }]);
    await expire(later.id, "next_attempt_at");
    await consume(env, "deliveries", [{ deliveryId: later.id }]);
    expect(await eventIds(destination.key)).toEqual([first.eventId, second.eventId]);
  });

  it("lets its key go on when it has failed for good", async () => {
    const { source, destination } = await makeOrdered("status/500", [0]);
    const { env } = fakeQueues();
    const tasks = [await makeEvent(source), await makeEvent(source)];
    await consume(env, "events", tasks);
    const [first, second] = await Promise.all(tasks.map(({ eventId }) => deliveryOf(eventId)));
    // As the gate sends for it: whatever its due time says.
    const sentFor = { deliveryId: second?.id, gate: { destinationId: destination.id, attempt: 0 } };
    await consume(env, "deliveries", [sentFor]);
    expect(await received(destination.key)).toEqual([]);
    await consume(env, "deliveries", [{ deliveryId: first?.id }]);
    expect(await deliveryOf(tasks[0]?.eventId ?? "")).toMatchObject({ end_reason: "exhausted" });
    await consume(env, "deliveries", [sentFor]);
    expect(await eventIds(destination.key)).toEqual(tasks.map(({ eventId }) => eventId));
  });
});

describe("a permit", () => {
  it("that ended while its call waited for a slot makes no call, and uses up no try", async () => {
    const source = await makeSource();
    const destination = await makeDestination();
    await ask(destination.id, { concurrency: 1 });
    await makeRule(source, destination.id);
    const { env, sent } = fakeQueues();
    const task = await makeEvent(source);
    await consume(env, "events", [task]);
    const { id } = await deliveryOf(task.eventId);
    const deps = { ...consumerDeps(env), leaseMarginMs: 400 };
    const [waiting] = (await loadWaiting(deps, [{ deliveryId: id }])).due;
    const event = (await loadEvents(deps, [task.eventId])).get(task.eventId);
    const gate = gateConfigOf({ rate: { concurrency: 1 } });
    if (!waiting || !event || !gate) throw new Error("not set up");
    const giveBack = vi.fn<() => void>();
    const slow: CallSlots = {
      take: async () => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        return giveBack;
      },
    };
    const acquired = {
      acquire: async () => ({ kind: "go", permitId: "p", waitMs: 0 }),
      renew: async () => null,
      report: vi.fn<(report: unknown) => Promise<void>>(async () => {}),
    };
    const call = vi.fn<() => Promise<void>>(async () => {});
    await callThroughGate(
      { ...deps, gates: { getByName: () => acquired as never } },
      {
        delivery: waiting,
        event,
        destination: { id: destination.id, timeoutMs: 1000, gate } as never,
      },
      slow,
      async () => call,
    );
    expect(call).not.toHaveBeenCalled();
    expect(giveBack).toHaveBeenCalled();
    expect(await deliveryOf(task.eventId)).toMatchObject({ status: "pending", attempt: 0 });
    expect(sent.at(-1)).toMatchObject({ queue: "deliveries", body: { deliveryId: id } });
    expect(acquired.report).toHaveBeenCalledWith(expect.objectContaining({ health: "neutral" }));
  });
});

describe("a delivery that its gate has sent for", () => {
  const IN_15_MINUTES = 15 * MINUTE_MS;

  /** A delivery that waits for its gate: what the gate answers is in `gate`. */
  async function makeParked(behaviour = "ok") {
    const source = await makeSource();
    const destination = await makeDestination(behaviour, { schedule: [0, 3600, 3600] });
    await ask(destination.id, { concurrency: 1 });
    await makeRule(source, destination.id);
    const { env, sent } = fakeQueues();
    const task = await makeEvent(source);
    await consume(env, "events", [task]);
    const { id } = await deliveryOf(task.eventId);
    await dueIn(id, IN_15_MINUTES);
    sent.length = 0;
    const gate = {
      acquire: async (): Promise<GateAnswer> => ({ kind: "go", permitId: "p", waitMs: 0 }),
      report: vi.fn<(report: unknown) => Promise<void>>(async () => {}),
      settle: vi.fn<(ids: string[]) => Promise<void>>(async () => {}),
      rest: vi.fn<(tried: unknown[]) => Promise<void>>(async () => {}),
    };
    const fake = { ...env, GATE: { getByName: () => gate } as unknown as ConsumerEnv["GATE"] };
    const own = { deliveryId: id };
    const sentFor = { ...own, gate: { destinationId: destination.id, attempt: 0 } };
    return { id, destination, eventId: task.eventId, env: fake, sent, gate, own, sentFor };
  }

  const dueIn = (id: string, ms: number) =>
    consumerEnv.EVENTS_0.prepare("UPDATE deliveries SET next_attempt_at = ? WHERE id = ?")
      .bind(Date.now() + ms, id)
      .run();

  it.each([
    ["before", (sentFor: object, own: object) => [sentFor, own]],
    ["after", (sentFor: object, own: object) => [own, sentFor]],
    [
      "before another that asks after it and",
      (sentFor: object, own: object) => [
        sentFor,
        { ...sentFor, gate: { destinationId: "dst_1", attempt: -1 } },
        own,
      ],
    ],
  ])("goes, when its task comes %s one of the sweep's in the same batch", async (_, batch) => {
    const { env, eventId, sentFor, own, destination } = await makeParked();
    await consume(env, "deliveries", batch(sentFor, own));
    expect(await received(destination.key)).toHaveLength(1);
    expect(await deliveryOf(eventId)).toMatchObject({ status: "succeeded", attempt: 1 });
  });

  it("and has ended is settled, when its task comes with one of the sweep's", async () => {
    const { env, sentFor, own, gate, id } = await makeParked();
    await consume(env, "deliveries", [sentFor]);
    gate.settle.mockClear();
    await consume(env, "deliveries", [sentFor, own]);
    expect(gate.settle).toHaveBeenCalledWith([id]);
  });

  it("and has been tried meanwhile gives its turn back, and keeps its due time", async () => {
    const { env, sent, sentFor, own, gate, id, eventId, destination } =
      await makeParked("status/500");
    await consume(env, "deliveries", [sentFor]);
    const dueAt = (await deliveryOf(eventId)).next_attempt_at;
    sent.length = 0;
    await consume(env, "deliveries", [sentFor]);
    expect(gate.rest).toHaveBeenCalledWith([{ deliveryId: id, asked: 0, attempt: 1, dueAt }]);
    expect(sent).toEqual([]);
    expect(await received(destination.key)).toHaveLength(1);
    // Its own task, which came early, comes again.
    await consume(env, "deliveries", [sentFor, own]);
    expect(sent.map(({ body }) => body)).toEqual([own]);
    expect(await deliveryOf(eventId)).toMatchObject({ attempt: 1, next_attempt_at: dueAt });
  });

  it("and is only asked after, before its time, has nothing to give back", async () => {
    const { env, sent, sentFor, gate } = await makeParked();
    await consume(env, "deliveries", [{ ...sentFor, gate: { ...sentFor.gate, attempt: -1 } }]);
    expect(gate.rest).not.toHaveBeenCalled();
    expect(sent).toEqual([]);
  });

  it("goes, when a consumer that was told to wait writes that down after the gate has let it go", async () => {
    const { env, gate, id, eventId, own } = await makeParked();
    await dueIn(id, 0);
    const go = gate.acquire;
    gate.acquire = async () => {
      await dueIn(id, IN_15_MINUTES);
      return go();
    };
    await consume(env, "deliveries", [own]);
    expect(await deliveryOf(eventId)).toMatchObject({ status: "succeeded", attempt: 1 });
  });

  it("does not rest while its destination is known as out of order from before it had a gate", async () => {
    const { env, eventId, sentFor, destination } = await makeParked();
    const known = { id: destination.id, schedule: [0, 3600] };
    for (let i = 0; i < SILENT_CALLS; i++) noteSilence(known);
    // The probe; who comes after it rests.
    expect(restUntil(destination.id, Date.now())).toBeNull();
    await consume(env, "deliveries", [sentFor]);
    expect(await deliveryOf(eventId)).toMatchObject({ status: "succeeded" });
  });
});

describe("a destination that asks for nothing", () => {
  it("calls no gate: not for its first try, nor for a retry, nor in the sweep", async () => {
    const source = await makeSource();
    const destination = await makeDestination("status/500", { schedule: [0, 60, 60] });
    await makeRule(source, destination.id);
    const { env } = fakeQueues();
    const ungated = { ...env, GATE: noGates };
    const task = await makeEvent(source);
    await consume(ungated, "events", [task]);
    const { id } = await deliveryOf(task.eventId);
    await expire(id, "next_attempt_at");
    await consume(ungated, "deliveries", [{ deliveryId: id }]);
    expect(await deliveryOf(task.eventId)).toMatchObject({ status: "retrying", attempt: 2 });
    await consumerEnv.EVENTS_0.prepare(
      "UPDATE deliveries SET status = 'delivering', lease_id = 'l', lease_until = 1, late = 1 WHERE id = ?",
    )
      .bind(id)
      .run();
    await runJob(ungated, "sweep");
    expect(await deliveryOf(task.eventId)).toMatchObject({ outcome: "interrupted" });
  });
});
