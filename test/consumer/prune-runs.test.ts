import { beforeEach, describe, expect, it } from "vitest";
import { runJob } from "../../src/jobs/run-job.ts";
import { CHUNK_STATEMENTS, PRUNE_CHUNK_EVENTS } from "../../src/retention/constants.ts";
import { pruneEvents } from "../../src/retention/prune-events.ts";
import worker from "../../workers/consumer/index.ts";
import { countingD1 } from "./counting-d1.ts";
import {
  count,
  daysAgo,
  deps,
  fill,
  forgetAll,
  keep,
  prune,
  retain,
  shard,
} from "./retention-support.ts";
import { consumerEnv, eventStatus, fakeQueues, makeSource } from "./support.ts";

const { EVENTS_0, DB } = consumerEnv;

beforeEach(forgetAll);

describe("a run is bounded", () => {
  it("stays below 700 statements, says that it is unfinished, and the next one goes on", async () => {
    await fill(await makeSource(), daysAgo(40), 30_000);
    const { env } = fakeQueues();
    const [control, events] = [countingD1(DB), countingD1(EVENTS_0)];
    const first = await runJob({ ...env, DB: control.d1, EVENTS_0: events.d1 }, "prune");
    expect(first).toMatchObject({ unfinished: 1 });
    expect(first.events).toBeGreaterThan(20_000);
    expect(control.statements() + events.statements()).toBeLessThan(700);
    expect(await prune()).toMatchObject({ unfinished: 0, events: 30_000 - (first.events ?? 0) });
    expect(await count("events")).toBe(0);
  }, 60_000);

  it("the passes take turns: one that starts over keeps no other waiting", async () => {
    const [long, short] = [await makeSource(), await makeSource()];
    await retain(short, 1);
    await fill(long, daysAgo(20), PRUNE_CHUNK_EVENTS * 3);
    const { eventId } = await keep(long, daysAgo(31));
    const budget = () => ({ statements: CHUNK_STATEMENTS, until: Infinity });
    let runs = 0;
    while ((await eventStatus(eventId)) !== undefined && runs < 5) {
      // It always starts over, as when sources change all the time.
      await retain(short, 1);
      await pruneEvents(deps, shard, budget());
      runs++;
    }
    expect(runs).toBe(2);
  });
});

describe("a step that fails", () => {
  const brokenWhere = (d1: D1Database, pattern: RegExp): D1Database =>
    new Proxy(d1, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (name === "prepare" && pattern.test(String(args[0]))) throw new Error("away");
          return (value as (...all: unknown[]) => unknown).apply(target, args);
        };
      },
    });

  it.each([
    ["strays", { EVENTS_0: brokenWhere(EVENTS_0, /strays/) }],
    ["idempotency_keys", { DB: brokenWhere(DB, /idempotency_keys/) }],
  ])("%s keeps no other from its turn; the job fails at its end", async (step, broken) => {
    const old = await keep(await makeSource(), daysAgo(31));
    await expect(runJob({ ...fakeQueues().env, ...broken }, "prune")).rejects.toThrow(step);
    expect(await eventStatus(old.eventId)).toBeUndefined();
  });

  it("a database that is away keeps no other database from its turn", async () => {
    const old = await keep(await makeSource(), daysAgo(31));
    const env = { ...fakeQueues().env, EVENTS_0: brokenWhere(EVENTS_0, /./), EVENTS_1: EVENTS_0 };
    await expect(runJob(env, "prune")).rejects.toThrow("events");
    expect(await eventStatus(old.eventId)).toBeUndefined();
  });
});

it("the cron at :17 prunes", async () => {
  const old = await keep(await makeSource(), daysAgo(31));
  const cron = { cron: "17 * * * *", scheduledTime: Date.now(), noRetry: () => {} };
  await worker.scheduled(cron as ScheduledController, fakeQueues().env);
  expect(await eventStatus(old.eventId)).toBeUndefined();
});
