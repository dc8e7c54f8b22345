import { beforeEach, describe, expect, it } from "vitest";
import { runJob } from "../../src/jobs/run-job.ts";
import { noteDeletedSource } from "../../src/retention/note-deleted-source.ts";
import { loadRetentionPlan } from "../../src/retention/plan-passes.ts";
import { pruneEvents } from "../../src/retention/prune-events.ts";
import {
  count,
  daysAgo,
  deps,
  end,
  forgetAll,
  keep,
  prune,
  retain,
  shard,
} from "./retention-support.ts";
import { consumerEnv, eventStatus, fakeQueues, makeEvent, makeSource } from "./support.ts";

const { DB, BODIES } = consumerEnv;

beforeEach(forgetAll);

describe("events past their retention", () => {
  it("are deleted after 30 days by default, with deliveries, attempts and bodies", async () => {
    const source = await makeSource();
    const old = await keep(source, daysAgo(31), { r2: true });
    const young = await keep(source, daysAgo(29), { r2: true });
    expect(await prune()).toMatchObject({ events: 1, deliveries: 1, attempts: 1, bodies: 1 });
    expect(await eventStatus(old.eventId)).toBeUndefined();
    expect(await eventStatus(young.eventId)).toBe("routed");
    expect([await count("deliveries"), await count("attempts")]).toEqual([1, 1]);
    expect([await BODIES.head(old.key), (await BODIES.head(young.key))?.size]).toEqual([null, 5]);
    expect(await prune()).toMatchObject({ events: 0, unfinished: 0 });
  });

  it("each source has its own time, and nobody else's events go with it", async () => {
    const [short, usual, long] = [await makeSource(), await makeSource(), await makeSource()];
    await retain(short, 1);
    await retain(long, 365);
    const ages = [0.5, 2, 31, 364, 366];
    const kept: string[] = [];
    for (const source of [short, usual, long]) {
      for (const age of ages) kept.push((await keep(source, daysAgo(age))).eventId);
    }
    await prune();
    const left = await Promise.all(kept.map(async (id) => (await eventStatus(id)) !== undefined));
    expect(left.slice(0, 5)).toEqual([true, false, false, false, false]);
    expect(left.slice(5, 10)).toEqual([true, true, false, false, false]);
    expect(left.slice(10)).toEqual([true, true, true, true, false]);
  });

  it("a shorter retention also reaches what the job has passed; a longer one holds it", async () => {
    const [a, b] = [await makeSource(), await makeSource()];
    await retain(b, 7);
    const ofA = await keep(a, daysAgo(10));
    await prune();
    await retain(a, 7);
    expect(await prune()).toMatchObject({ events: 1 });
    expect(await eventStatus(ofA.eventId)).toBeUndefined();
    const later = await keep(a, daysAgo(20));
    await retain(a, 60);
    expect(await prune()).toMatchObject({ events: 0 });
    await retain(a, null);
    expect(await prune()).toMatchObject({ events: 0 });
    expect(await eventStatus(later.eventId)).toBe("routed");
  });

  it.each(["pending", "retrying", "delivering"])(
    "with a delivery that is %s wait for its end",
    async (status) => {
      const source = await makeSource();
      const { eventId, deliveryId } = await keep(source, daysAgo(40), { status });
      const other = await keep(source, daysAgo(39));
      expect(await prune()).toMatchObject({ events: 1, postponedEvents: 1 });
      expect(await eventStatus(other.eventId)).toBeUndefined();
      expect(await prune()).toMatchObject({ events: 0, postponedEvents: 0 });
      expect(await eventStatus(eventId)).toBe("routed");
      await end(deliveryId);
      expect(await prune()).toMatchObject({ events: 1, deliveries: 1 });
      expect([await count("events"), await count("postponed_events")]).toEqual([0, 0]);
    },
  );

  it("that nobody has routed yet wait for it", async () => {
    const { eventId } = await makeEvent(await makeSource(), { at: daysAgo(31) });
    expect(await prune()).toMatchObject({ events: 0, postponedEvents: 1 });
    expect(await eventStatus(eventId)).toBe("stored");
  });

  it("that wait are taken back when their source keeps events longer", async () => {
    const source = await makeSource();
    const { eventId, deliveryId } = await keep(source, daysAgo(40), { status: "retrying" });
    await prune();
    await retain(source, 90);
    await end(deliveryId);
    expect(await prune()).toMatchObject({ events: 0 });
    expect([await eventStatus(eventId), await count("postponed_events")]).toEqual(["routed", 0]);
  });

  it("what has been read once is not read again", async () => {
    const source = await makeSource();
    await retain(source, 60);
    const { eventId } = await keep(source, daysAgo(40));
    await prune();
    // Behind the watermark of 30 days, and nothing has changed: only the pass of 60 days would come for it.
    await DB.prepare("UPDATE sources SET retention_days = NULL, retention_changed_at = NULL").run();
    await prune();
    expect(await eventStatus(eventId)).toBe("routed");
  });
});

describe("a retention that changes during a run", () => {
  it("holds for what the run comes to next", async () => {
    const source = await makeSource();
    const { eventId } = await keep(source, daysAgo(40));
    const waiting = await keep(source, daysAgo(41), { status: "retrying" });
    const plan = await loadRetentionPlan(deps);
    await consumerEnv.EVENTS_0.prepare("INSERT INTO postponed_events VALUES (?)")
      .bind(waiting.eventId)
      .run();
    await end(waiting.deliveryId);
    await retain(source, 60);
    const report = await pruneEvents(deps, shard, { statements: 100, until: Infinity }, plan);
    expect(report).toMatchObject({ events: 0, postponedEvents: 0 });
    for (const id of [eventId, waiting.eventId]) expect(await eventStatus(id)).toBe("routed");
  });

  it("leaves a deleted source's events to the default, also those that its own has kept", async () => {
    const [long, other] = [await makeSource(), await makeSource()];
    await retain(long, 60);
    await retain(other, 60);
    const { eventId } = await keep(long, daysAgo(40));
    await prune();
    await deps.db.batch([noteDeletedSource(deps.db, long)]);
    await DB.prepare("DELETE FROM sources WHERE id = ?").bind(long).run();
    expect(await prune()).toMatchObject({ events: 1 });
    expect(await eventStatus(eventId)).toBeUndefined();
  });
});

describe("bodies that no event has", () => {
  it("go when they are older than every retention; bodies of events and other objects stay", async () => {
    const source = await makeSource();
    const held = await keep(source, daysAgo(50), { r2: true, status: "retrying" });
    const key = (days: number) =>
      `${new Date(daysAgo(days)).toISOString().slice(0, 10)}/${source}/${crypto.randomUUID()}`;
    const [orphan, young, foreign] = [key(40), key(10), "2020-01-01/notes.txt"];
    for (const each of [orphan, young, foreign]) await BODIES.put(each, "x");
    expect(await prune()).toMatchObject({ orphanBodies: 1 });
    const left = await Promise.all(
      [orphan, young, foreign, held.key].map(async (each) => (await BODIES.head(each)) !== null),
    );
    expect(left).toEqual([false, true, true, true]);
    await retain(source, 60);
    const kept = key(50);
    await BODIES.put(kept, "x");
    expect(await prune()).toMatchObject({ orphanBodies: 0 });
  });

  it("are found when the process dies between the rows and the object", async () => {
    const source = await makeSource();
    const { key } = await keep(source, daysAgo(40), { r2: true });
    const { env } = fakeQueues();
    const broken = new Proxy(BODIES, {
      get: (bucket, name) =>
        name === "delete"
          ? () => Promise.reject(new Error("R2 is away"))
          : Reflect.get(bucket, name, bucket),
    });
    const dying = { ...env, BODIES: broken };
    await runJob(dying, "prune").catch(() => {});
    expect([await count("events"), (await BODIES.head(key))?.size]).toEqual([0, 5]);
    expect(await prune()).toMatchObject({ orphanBodies: 1 });
    expect(await BODIES.head(key)).toBeNull();
  });
});
