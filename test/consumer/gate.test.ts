import { describe, expect, it, vi } from "vitest";
import type { CallSlots } from "../../src/deliveries/call-slots.ts";
import { consumerDeps } from "../../src/deliveries/deps.ts";
import { callThroughGate } from "../../src/deliveries/gated-delivery.ts";
import { loadEvents } from "../../src/deliveries/load-events.ts";
import { loadWaiting } from "../../src/deliveries/load-waiting.ts";
import { gateConfigOf } from "../../src/gates/index.ts";
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
