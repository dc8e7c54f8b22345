import { describe, expect, it } from "vitest";
import { consumerDeps } from "../../src/deliveries/index.ts";
import { sweepDeliveries } from "../../src/deliveries/sweep-deliveries.ts";
import type { Hint } from "../../src/live/hint.ts";
import { countingD1 } from "./counting-d1.ts";
import {
  consume,
  consumerEnv,
  deliveryOf,
  eventStatus,
  expire,
  fakeQueues,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
} from "./support.ts";

const BUDGET_ROWS = 5;

type Told = Hint & { source: string };

/** The environment with channels that only count what they are told. */
function fakeChannels(broadcast: (texts: string[]) => Promise<void> = async () => {}) {
  const told: Told[] = [];
  const CHANNEL = {
    getByName: (name: string) => ({
      broadcast: (texts: string[]) => {
        const source = name.replace(/^source:/, "");
        for (const text of texts) told.push({ source, ...(JSON.parse(text) as Hint) });
        return broadcast(texts);
      },
    }),
  } as unknown as ConsumerEnv["CHANNEL"];
  return { told, env: { ...fakeQueues().env, CHANNEL } };
}

async function watch(sourceId: string, until = Date.now() + 60_000): Promise<void> {
  await consumerEnv.DB.prepare("UPDATE sources SET watched_until = ? WHERE id = ?")
    .bind(until, sourceId)
    .run();
}

/** A watched source with one destination. */
async function makeWatched(behaviour = "ok", more = {}): Promise<string> {
  const sourceId = await makeSource();
  await makeRule(sourceId, (await makeDestination(behaviour, more)).id);
  await watch(sourceId);
  return sourceId;
}

describe("a batch of events", () => {
  it(`of a watched source tells twice, and still writes at most ${BUDGET_ROWS} rows an event`, async () => {
    const task = await makeEvent(await makeWatched());
    const { told, env } = fakeChannels();
    const control = countingD1(consumerEnv.DB);
    const events = countingD1(consumerEnv.EVENTS_0);
    await consume({ ...env, DB: control.d1, EVENTS_0: events.d1 }, "events", [task]);

    const { id, status } = await deliveryOf(task.eventId);
    expect(status).toBe("succeeded");
    expect(told).toEqual([
      { source: task.sourceId, events: [task.eventId], deliveries: [id] },
      { source: task.sourceId, events: [], deliveries: [id] },
    ]);
    expect(control.rowsWritten()).toBe(0);
    // The event's own row was written before.
    expect(events.rowsWritten() + 1).toBeLessThanOrEqual(BUDGET_ROWS);
  });

  it("tells of all its events together, each source for itself", async () => {
    const [a, b] = [await makeWatched(), await makeWatched()];
    const tasks = [];
    for (let i = 0; i < 5; i++) tasks.push(await makeEvent(a), await makeEvent(b));
    const { told, env } = fakeChannels();
    await consume(env, "events", tasks);

    for (const source of [a, b]) {
      const [first, ...outcomes] = told.filter((one) => one.source === source);
      const own = tasks.filter(({ sourceId }) => sourceId === source);
      expect(first?.events.toSorted()).toEqual(own.map(({ eventId }) => eventId).toSorted());
      expect(first?.deliveries).toHaveLength(5);
      const named = new Set(outcomes.flatMap(({ deliveries }) => deliveries));
      expect([...named].toSorted()).toEqual(first?.deliveries.toSorted());
    }
  });

  it("of a source that nobody watches, or not any more, tells nobody", async () => {
    const { told, env } = fakeChannels();
    const never = await makeWatched();
    await consumerEnv.DB.prepare("UPDATE sources SET watched_until = NULL WHERE id = ?")
      .bind(never)
      .run();
    const once = await makeWatched();
    await watch(once, Date.now() - 1);
    await consume(env, "events", [await makeEvent(never), await makeEvent(once)]);
    expect(told).toEqual([]);
  });

  it("tells of an event that no rule matches, and of one that is not handed on", async () => {
    const sourceId = await makeSource();
    await watch(sourceId);
    const unmatched = await makeEvent(sourceId);
    const muted = await makeEvent(sourceId);
    await consumerEnv.EVENTS_0.prepare(
      "UPDATE events SET status = 'muted', routed_at = received_at WHERE id = ?",
    )
      .bind(muted.eventId)
      .run();
    const { told, env } = fakeChannels();
    const { acked } = await consume(env, "events", [unmatched, muted]);
    expect(acked).toBe(2);
    expect(told).toHaveLength(1);
    expect(told[0]?.events.toSorted()).toEqual([unmatched.eventId, muted.eventId].toSorted());
    expect(await eventStatus(muted.eventId)).toBe("muted");
  });

  it.each<[string, () => Promise<void>]>([
    ["refuses", () => Promise.reject(new Error("no such object"))],
    ["never answers", () => new Promise<void>(() => {})],
  ])("is delivered and acked when the channel %s", async (_, broadcast) => {
    const task = await makeEvent(await makeWatched());
    const { told, env } = fakeChannels(broadcast);
    const { acked } = await consume(env, "events", [task]);
    expect(acked).toBe(1);
    expect((await deliveryOf(task.eventId)).status).toBe("succeeded");
    expect(told).toHaveLength(2);
  });
});

describe("what comes later", () => {
  it("a retry tells of its outcome", async () => {
    const task = await makeEvent(await makeWatched("status/500", { schedule: [0, 5] }));
    const { told, env } = fakeChannels();
    await consume(env, "events", [task]);
    const { id, status } = await deliveryOf(task.eventId);
    expect(status).toBe("retrying");
    told.length = 0;
    await expire(id, "next_attempt_at");
    await consume(env, "deliveries", [{ deliveryId: id }]);
    expect((await deliveryOf(task.eventId)).status).toBe("failed");
    expect(told.at(-1)).toEqual({ source: task.sourceId, events: [], deliveries: [id] });
  });

  it("the sweep tells of what it found interrupted", async () => {
    const task = await makeEvent(await makeWatched());
    const { told, env } = fakeChannels();
    await consume(env, "events", [task]);
    const { id } = await deliveryOf(task.eventId);
    await consumerEnv.EVENTS_0.prepare(
      "UPDATE deliveries SET status = 'delivering', late = 1, lease_id = 'x', lease_until = 1 WHERE id = ?",
    )
      .bind(id)
      .run();
    told.length = 0;
    await sweepDeliveries(consumerDeps(env));
    expect(told).toEqual([{ source: task.sourceId, events: [], deliveries: [id] }]);
  });
});
