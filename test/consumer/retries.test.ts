import { describe, expect, inject, it, vi } from "vitest";
import {
  attemptsOf,
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

async function routed(behaviour: string, schedule?: number[]) {
  const queues = fakeQueues();
  const source = await makeSource();
  const destination = await makeDestination(behaviour, schedule ? { schedule } : {});
  await makeRule(source, destination.id);
  const task = await makeEvent(source);
  await consume(queues.env, "events", [task]);
  return { ...queues, source, destination, task, delivery: await deliveryOf(task.eventId) };
}

async function retry(env: ConsumerEnv, id: string, eventId: string) {
  await expire(id, "next_attempt_at");
  await consume(env, "deliveries", [{ deliveryId: id }]);
  return deliveryOf(eventId);
}

describe("a failed try", () => {
  it("waits in the database and in the queue, and every try stays on record", async () => {
    const { env, sent, task, delivery, destination } = await routed("status/500", [0, 60, 120]);
    expect(delivery).toMatchObject({
      status: "retrying",
      attempt: 1,
      outcome: "failed",
      reason: "http_status",
    });
    const waitMs = (delivery.next_attempt_at ?? 0) - Date.now();
    expect(waitMs).toBeGreaterThan(55_000);
    expect(waitMs).toBeLessThanOrEqual(72_000);
    expect(sent).toMatchObject([{ queue: "deliveries", body: { deliveryId: delivery.id } }]);
    expect(sent[0]?.delaySeconds).toBeGreaterThan(55);

    expect(await retry(env, delivery.id, task.eventId)).toMatchObject({
      status: "retrying",
      attempt: 2,
    });
    expect(await retry(env, delivery.id, task.eventId)).toMatchObject({
      status: "failed",
      end_reason: "exhausted",
      attempt: 3,
    });
    expect(await attemptsOf(delivery.id)).toEqual([
      { number: 1, outcome: "failed", reason: "http_status" },
      { number: 2, outcome: "failed", reason: "http_status" },
    ]);
    const calls = await received(destination.key);
    const header = (name: string) =>
      calls.map(({ headers }) => headers.find(([n]) => n.toLowerCase() === name)?.[1]);
    expect(header("x-baton-attempt")).toEqual(["1", "2", "3"]);
    expect(new Set(header("webhook-id"))).toEqual(new Set([delivery.id]));
  });

  it.each([
    ["a redirect, which is never followed", "status/302", "retrying", "redirect"],
    ["404", "status/404", "retrying", "http_status"],
    ["a dropped connection", "reset", "retrying", "connection_failed"],
    ["410, which ends it", "status/410", "failed", "gone"],
  ])("%s", async (_, behaviour, status, reason) => {
    const { delivery, destination } = await routed(behaviour);
    expect(delivery).toMatchObject({ status, reason });
    expect(await received(destination.key)).toHaveLength(1);
  });

  it("429 waits its Retry-After", async () => {
    const { delivery } = await routed("retry-after/90");
    expect(delivery).toMatchObject({ status: "retrying", reason: "rate_limited" });
    expect((delivery.next_attempt_at ?? 0) - Date.now()).toBeGreaterThan(85_000);
  });

  it("succeeds later", async () => {
    const { env, task, delivery } = await routed("status/503");
    const fixed = await makeDestination("ok");
    await consumerEnv.EVENTS_0.prepare("UPDATE deliveries SET destination_id = ? WHERE id = ?")
      .bind(fixed.id, delivery.id)
      .run();
    expect(await retry(env, delivery.id, task.eventId)).toMatchObject({
      status: "succeeded",
      attempt: 2,
      end_reason: null,
    });
  });
});

describe("a task of the retry queue", () => {
  it("that comes early is sent again, and nothing is called", async () => {
    const { env, sent, delivery, destination } = await routed("status/500", [0, 600]);
    sent.length = 0;
    await consume(env, "deliveries", [{ deliveryId: delivery.id }]);
    expect(await received(destination.key)).toHaveLength(1);
    expect(sent).toMatchObject([{ queue: "deliveries", body: { deliveryId: delivery.id } }]);
  });

  it("that comes twice at once makes one call: consumers race for the claim", async () => {
    const { env, delivery, destination } = await routed("status/500");
    await expire(delivery.id, "next_attempt_at");
    const task = { deliveryId: delivery.id };
    await Promise.all([1, 2, 3, 4].map(() => consume(env, "deliveries", [task])));
    expect(await received(destination.key)).toHaveLength(2);
  });

  it("of a delivery that has ended does nothing", async () => {
    const { env, delivery, destination } = await routed("ok");
    expect(await consume(env, "deliveries", [{ deliveryId: delivery.id }])).toMatchObject({
      acked: 1,
    });
    expect(await received(destination.key)).toHaveLength(1);
  });

  it("of a deleted destination or event ends the delivery with the reason", async () => {
    const lost = await routed("status/500");
    await consumerEnv.EVENTS_0.prepare(
      "UPDATE deliveries SET destination_id = 'dst_gone' WHERE id = ?",
    )
      .bind(lost.delivery.id)
      .run();
    expect(await retry(lost.env, lost.delivery.id, lost.task.eventId)).toMatchObject({
      status: "failed",
      end_reason: "destination_deleted",
    });
    const old = await routed("status/500");
    await consumerEnv.EVENTS_0.prepare("DELETE FROM events WHERE id = ?")
      .bind(old.task.eventId)
      .run();
    expect(await retry(old.env, old.delivery.id, old.task.eventId)).toMatchObject({
      status: "failed",
      end_reason: "event_deleted",
    });
  });

  it("that is malformed is recorded and acked", async () => {
    const { env } = fakeQueues();
    expect(await consume(env, "deliveries", [{ deliveryId: "evt_x" }])).toMatchObject({
      acked: 1,
      retried: 0,
    });
  });
});

describe("a destination", () => {
  it("that is disabled makes new deliveries fail at once, visibly, and is not called", async () => {
    const { env } = fakeQueues();
    const source = await makeSource();
    const destination = await makeDestination("ok", { enabled: false });
    await makeRule(source, destination.id);
    const task = await makeEvent(source);
    await consume(env, "events", [task]);
    expect(await deliveryOf(task.eventId)).toMatchObject({
      status: "failed",
      end_reason: "destination_disabled",
      attempt: 0,
    });
    expect(await received(destination.key)).toHaveLength(0);
  });

  it("that answers 410 is disabled, and what waits for it ends", async () => {
    const waiting = await routed("status/500");
    const gone = await makeDestination("status/410");
    await consumerEnv.EVENTS_0.prepare("UPDATE deliveries SET destination_id = ? WHERE id = ?")
      .bind(gone.id, waiting.delivery.id)
      .run();
    await makeRule(waiting.source, gone.id);
    await consume(waiting.env, "events", [await makeEvent(waiting.source)]);
    const row = await consumerEnv.DB.prepare(
      "SELECT enabled, disabled_reason FROM destinations WHERE id = ?",
    )
      .bind(gone.id)
      .first();
    expect(row).toEqual({ enabled: 0, disabled_reason: "gone" });
    expect(await deliveryOf(waiting.task.eventId)).toMatchObject({
      status: "failed",
      end_reason: "destination_disabled",
    });
  });

  /** Changes the destination's row while it is being called; gives the delivery's end. */
  async function changedDuringCall(behaviour: string, change: string) {
    const { env } = fakeQueues();
    const source = await makeSource();
    const destination = await makeDestination(behaviour);
    await makeRule(source, destination.id);
    const task = await makeEvent(source);
    const running = consume(env, "events", [task]);
    await vi.waitFor(async () => expect(await received(destination.key)).toHaveLength(1), 5000);
    await consumerEnv.DB.prepare(`UPDATE destinations SET ${change} WHERE id = ?`)
      .bind(destination.id)
      .run();
    await running;
    const row = await consumerEnv.DB.prepare("SELECT enabled FROM destinations WHERE id = ?")
      .bind(destination.id)
      .first();
    return { enabled: row?.enabled, delivery: await deliveryOf(task.eventId) };
  }

  it("that was mended during a call is not disabled by the old one's 410", async () => {
    const { enabled, delivery } = await changedDuringCall("slowly/300/410", "updated_at = 1");
    expect(enabled).toBe(1);
    expect(delivery).toMatchObject({ status: "failed", end_reason: "gone" });
  });

  it("whose config was sealed anew during a call is disabled by its 410 all the same", async () => {
    const { enabled } = await changedDuringCall("slowly/300/410", "config = config || ' '");
    expect(enabled).toBe(0);
  });

  it("that was disabled during a call ends what would be tried again", async () => {
    const { delivery } = await changedDuringCall("slowly/300/500", "enabled = 0");
    expect(delivery).toMatchObject({ status: "failed", end_reason: "destination_disabled" });
  });

  it("whose config cannot be opened is a failed try with a reason", async () => {
    const { env } = fakeQueues();
    const source = await makeSource();
    const destination = await makeDestination();
    await consumerEnv.DB.prepare("UPDATE destinations SET config = '00000000.AAAA' WHERE id = ?")
      .bind(destination.id)
      .run();
    await makeRule(source, destination.id);
    const task = await makeEvent(source);
    await consume(env, "events", [task]);
    expect(await deliveryOf(task.eventId)).toMatchObject({
      status: "retrying",
      reason: "invalid_config",
    });
  });
});

describe("calls in flight", () => {
  it("at most 2 to one destination and 5 in all, in one batch", async () => {
    const { env } = fakeQueues();
    const source = await makeSource();
    const keys: string[] = [];
    for (let i = 0; i < 4; i++) {
      const destination = await makeDestination("slow/150");
      keys.push(destination.key);
      await makeRule(source, destination.id);
    }
    const tasks = await Promise.all([1, 2, 3].map(() => makeEvent(source)));
    await consume(env, "events", tasks);
    const calls = (await Promise.all(keys.map(received))).map((list) => list);
    expect(calls.flat()).toHaveLength(12);
    for (const list of calls) expect(mostAtOnce(list)).toBeLessThanOrEqual(2);
    expect(mostAtOnce(calls.flat())).toBeLessThanOrEqual(5);
    expect(mostAtOnce(calls.flat())).toBeGreaterThan(2);
  });

  it("after one time-out the batch's other deliveries to that destination are set back untried", async () => {
    const { env, sent } = fakeQueues();
    const source = await makeSource();
    const dead = await makeDestination("hang");
    const alive = await makeDestination();
    await makeRule(source, dead.id);
    await makeRule(source, alive.id);
    const tasks = await Promise.all([1, 2, 3, 4, 5, 6].map(() => makeEvent(source)));
    await consume(env, "events", tasks);
    expect(await received(alive.key)).toHaveLength(6);
    expect(await received(dead.key)).toHaveLength(2);
    const { results } = await consumerEnv.EVENTS_0.prepare(
      "SELECT status, attempt, attempt_id, lease_id FROM deliveries WHERE destination_id = ? ORDER BY attempt, id",
    )
      .bind(dead.id)
      .all();
    const setBack = { status: "pending", attempt: 0, attempt_id: null, lease_id: null };
    expect(results.slice(0, 4)).toEqual([setBack, setBack, setBack, setBack]);
    expect(results.slice(4)).toMatchObject([
      { status: "retrying", attempt: 1 },
      { status: "retrying", attempt: 1 },
    ]);
    expect(sent.filter(({ queue }) => queue === "deliveries")).toHaveLength(6);
  });
});

function mostAtOnce(calls: { at: number; endedAt?: number }[]): number {
  return Math.max(
    ...calls.map(
      (one) =>
        calls.filter(
          (other) => other.at <= one.at && (other.endedAt ?? Number.POSITIVE_INFINITY) > one.at,
        ).length,
    ),
  );
}

it("the receiver is a real server on loopback", () => {
  expect(new URL(inject("receiverUrl")).hostname).toBe("127.0.0.1");
});
