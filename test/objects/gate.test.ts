import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { OVERDUE_MS } from "../../src/gates/constants.ts";
import type { DestinationGate } from "../../src/gates/destination-gate.do.ts";
import type { GateConfig, GateTask } from "../../src/gates/index.ts";

const objects = env as unknown as ObjectsEnv;
const NONE: GateConfig = {
  version: 1,
  perSecond: null,
  concurrency: null,
  orderKey: null,
  breaker: null,
};
const ORDERED: GateConfig = { ...NONE, orderKey: "sender" };
const LEASE_MS = 30_000;

let gates = 0;

/** A gate of its own; what it puts on the queue is in `sent`. */
async function makeGate() {
  const name = `dst_${gates++}`;
  const stub = objects.GATE.getByName(name);
  const sent: GateTask[] = [];
  const listen = () =>
    runInDurableObject(stub, (gate: DestinationGate) => {
      const sendBatch = async (tasks: { body: GateTask }[]) => {
        sent.push(...tasks.map(({ body }) => body));
      };
      (gate as unknown as { env: unknown }).env = { DELIVERIES_QUEUE: { sendBatch } };
    });
  await listen();
  return {
    name,
    stub,
    sent,
    evict: async () => {
      await evictDurableObject(stub);
      await listen();
    },
    ask: (id: string, config: GateConfig, key: string | null = null, attempt = 0) =>
      stub.acquire(
        config,
        { deliveryId: `dlv_${id}`, eventId: `evt_${id}`, key, attempt, dueAt: null },
        LEASE_MS,
      ),
    /** Makes everything that the gate has written down older, as time would. */
    age: (ms: number) =>
      runInDurableObject(stub, (_, { storage }) => {
        storage.sql.exec("UPDATE line SET until = until - ?", ms);
      }),
  };
}

async function permit(answer: Promise<{ kind: string; permitId?: string }>): Promise<string> {
  const { kind, permitId } = await answer;
  expect(kind).toBe("go");
  return permitId ?? "";
}

const done = (id: string, permitId: string) =>
  ({ permitId, deliveryId: `dlv_${id}`, dueAt: null, health: "success" }) as const;

const taskOf = (gate: { name: string }, id: string, attempt = 0) => ({
  deliveryId: `dlv_${id}`,
  gate: { destinationId: gate.name, attempt },
});

describe("concurrency", () => {
  const TWO: GateConfig = { ...NONE, concurrency: 2 };

  it("is exact, survives eviction, and a returned permit sends for who waits first", async () => {
    const gate = await makeGate();
    const [first] = await Promise.all([permit(gate.ask("1", TWO)), permit(gate.ask("2", TWO))]);
    await gate.evict();
    const waits = await gate.ask("4", TWO);
    expect(waits).toMatchObject({ kind: "wait", sendTask: false });
    expect(await gate.ask("3", TWO)).toMatchObject({ kind: "wait" });
    expect(gate.sent).toEqual([]);

    await gate.stub.report(done("1", first));
    expect(gate.sent).toEqual([taskOf(gate, "3")]);
    await permit(gate.ask("3", TWO));
    expect(await gate.ask("4", TWO)).toMatchObject({ kind: "wait" });
  });

  it("one delivery has one permit, and an old permit returns nothing", async () => {
    const gate = await makeGate();
    await permit(gate.ask("1", TWO));
    expect(await gate.ask("1", TWO)).toEqual({ kind: "busy" });
    await gate.stub.report(done("1", "another-permit"));
    expect(await gate.ask("1", TWO)).toEqual({ kind: "busy" });
  });

  it("a crashed holder's permit runs out; the alarm sends for the next one", async () => {
    const gate = await makeGate();
    const one: GateConfig = { ...NONE, concurrency: 1 };
    await permit(gate.ask("1", one));
    await gate.ask("2", one);
    await gate.evict();
    await gate.age(LEASE_MS + 1);
    expect(await runDurableObjectAlarm(gate.stub)).toBe(true);
    expect(gate.sent).toEqual([taskOf(gate, "2")]);
    await permit(gate.ask("2", one));
  });

  it("who was sent for and has ended passes the turn on", async () => {
    const gate = await makeGate();
    const one: GateConfig = { ...NONE, concurrency: 1 };
    const first = await permit(gate.ask("1", one));
    await gate.ask("2", one);
    await gate.ask("3", one);
    await gate.stub.report(done("1", first));
    await gate.stub.settle(["dlv_2"]);
    expect(gate.sent.map(({ deliveryId }) => deliveryId)).toEqual(["dlv_2", "dlv_3"]);
  });
});

describe("order", () => {
  it("a key's deliveries go one after the other; another key and no key go by", async () => {
    const gate = await makeGate();
    const place = (id: string, key: string) => ({
      deliveryId: `dlv_${id}`,
      eventId: `evt_${id}`,
      key,
      attempt: 0,
      dueAt: null,
    });
    await gate.stub.enqueue(ORDERED, [place("2", "a"), place("1", "a"), place("3", "b")]);
    expect(await gate.ask("2", ORDERED, "a")).toMatchObject({ kind: "wait", sendTask: false });
    const first = await permit(gate.ask("1", ORDERED, "a"));
    await permit(gate.ask("3", ORDERED, "b"));
    await permit(gate.ask("9", ORDERED, null));

    // A head that will be tried again blocks its key, over an eviction too.
    const dueAt = Date.now() + 3600_000;
    await gate.stub.report({ ...done("1", first), dueAt, health: "failure" });
    await gate.evict();
    expect(await gate.ask("2", ORDERED, "a")).toMatchObject({ kind: "wait" });
    expect(gate.sent).toEqual([]);

    const again = await permit(gate.ask("1", ORDERED, "a"));
    await gate.stub.report(done("1", again));
    expect(gate.sent).toEqual([taskOf(gate, "2")]);
    await permit(gate.ask("2", ORDERED, "a"));
  });

  it("a replay of an earlier event waits for the call under way, then comes first", async () => {
    const gate = await makeGate();
    const five = await permit(gate.ask("5", ORDERED, "a"));
    await gate.ask("6", ORDERED, "a");
    expect(await gate.ask("1", ORDERED, "a")).toMatchObject({ kind: "wait" });
    await gate.stub.report(done("5", five));
    expect(gate.sent.map(({ deliveryId }) => deliveryId)).toEqual(["dlv_1"]);
  });

  it("asks after a head that has been silent: its delivery may have ended without a word", async () => {
    const gate = await makeGate();
    const first = await permit(gate.ask("1", ORDERED, "a"));
    await gate.ask("2", ORDERED, "a");
    await gate.stub.report({ ...done("1", first), dueAt: Date.now(), health: "failure" });
    await runDurableObjectAlarm(gate.stub);
    expect(gate.sent).toEqual([]);
    await gate.age(OVERDUE_MS + 1);
    await runDurableObjectAlarm(gate.stub);
    // It is only asked after: its due time is its own.
    expect(gate.sent).toEqual([taskOf(gate, "1", -1)]);
    await gate.stub.settle(["dlv_1"]);
    expect(gate.sent.slice(1)).toEqual([taskOf(gate, "2")]);
    // Nobody asks after one it was sent for twice at once, and an empty line has no alarm.
    await gate.stub.settle(["dlv_2"]);
    await runDurableObjectAlarm(gate.stub);
    expect(await runDurableObjectAlarm(gate.stub)).toBe(false);
  });

  it("that is given up lets everybody go; a destination that is off has no line", async () => {
    const gate = await makeGate();
    await permit(gate.ask("1", ORDERED, "a"));
    await gate.ask("2", ORDERED, "a");
    await gate.ask("3", ORDERED, "a");
    await gate.stub.configure({ ...NONE, version: 2 });
    expect(gate.sent.map(({ deliveryId }) => deliveryId)).toEqual(["dlv_2", "dlv_3"]);
    await gate.stub.clear();
    await permit(gate.ask("4", { ...ORDERED, version: 3, orderKey: "header:x" }, "a"));
  });
});

describe("rate", () => {
  it("permits are spaced over evictions; who waits long gets a time of its own", async () => {
    const gate = await makeGate();
    const slow: GateConfig = { ...NONE, perSecond: 1 };
    const now = Date.now();
    const waits: number[] = [];
    for (const id of ["1", "2", "3", "4"]) {
      const answer = await gate.ask(id, slow);
      if (answer.kind === "busy") throw new Error("busy");
      waits.push(answer.kind === "go" ? Date.now() + answer.waitMs : answer.until);
      expect(answer.kind).toBe(waits.length <= 2 ? "go" : "wait");
      await gate.evict();
    }
    const gaps = waits.slice(1).map((at, i) => at - (waits[i] ?? now));
    expect(Math.min(...gaps)).toBeGreaterThan(1050);
  });

  it("a call that was held up gets another time, under the same permit", async () => {
    const gate = await makeGate();
    const config: GateConfig = { ...NONE, perSecond: 10 };
    const permitId = await permit(gate.ask("1", config));
    const next = await gate.stub.renew(permitId, "dlv_1", LEASE_MS);
    expect(next?.waitMs).toBeGreaterThan(100);
    expect(await gate.stub.renew("gone", "dlv_1", LEASE_MS)).toBeNull();
  });
});

describe("breaker", () => {
  const config: GateConfig = { ...NONE, breaker: { failures: 2, cooldownSeconds: 1 } };
  const failed = (id: string, permitId: string) =>
    ({ ...done(id, permitId), dueAt: Date.now() + 5000, health: "failure" }) as const;

  it("opens, keeps open over an eviction, lets one probe through, and closes", async () => {
    const gate = await makeGate();
    for (const id of ["1", "2"]) {
      await gate.stub.report(failed(id, await permit(gate.ask(id, config))));
    }
    await gate.evict();
    const waits = await gate.ask("3", config);
    expect(waits).toMatchObject({ kind: "wait", sendTask: true });
    await runInDurableObject(gate.stub, (_, { storage }) => {
      const state = storage.kv.get<{ breaker: { openUntil: number } }>("state");
      if (state) state.breaker.openUntil = Date.now() - 1;
      storage.kv.put("state", state);
    });
    const probe = await permit(gate.ask("3", config));
    expect(await gate.ask("4", config)).toMatchObject({ kind: "wait" });
    await gate.evict();
    expect(await gate.ask("5", config)).toMatchObject({ kind: "wait" });
    await gate.stub.report(done("3", probe));
    const closed = await runInDurableObject(gate.stub, (_, { storage }) => storage.kv.get("state"));
    expect(closed).toMatchObject({ breaker: { failures: 0, openUntil: null, probe: null } });
    // The backlog has slots now, and a late-comer queues up behind it.
    expect(await gate.ask("6", config)).toMatchObject({ kind: "wait", sendTask: true });
  });
});

describe("a change of what it must ask for", () => {
  const sentIds = (gate: { sent: GateTask[] }) => gate.sent.map(({ deliveryId }) => deliveryId);

  it("of the breaker closes it, and who waited for it is sent for", async () => {
    const gate = await makeGate();
    const strict = { ...NONE, breaker: { failures: 1, cooldownSeconds: 86_400 } };
    const first = await permit(gate.ask("1", strict));
    await gate.stub.report({ ...done("1", first), dueAt: Date.now() + 5000, health: "failure" });
    const waits = await gate.ask("2", strict);
    expect(waits).toMatchObject({ kind: "wait", sendTask: true });
    const mild = { ...NONE, version: 2, breaker: { failures: 10, cooldownSeconds: 2 } };
    await gate.stub.configure(mild);
    expect(gate.sent).toEqual([taskOf(gate, "2")]);
    await permit(gate.ask("2", mild));
  });

  it("of the rate gives its slots up, however many they are", async () => {
    const gate = await makeGate();
    const slow = { ...NONE, perSecond: 0.1 };
    for (let i = 0; i < 130; i++) await gate.ask(String(1000 + i), slow);
    const quick = { ...NONE, version: 2, perSecond: 100 };
    await gate.stub.configure(quick);
    expect(new Set(sentIds(gate)).size).toBe(129);
    const answer = await gate.ask("2000", quick);
    expect(answer.kind).toBe("go");
  });

  it("of the order key lets nobody wait for a head that has another key now", async () => {
    const gate = await makeGate();
    await permit(gate.ask("1", ORDERED, "a"));
    await gate.ask("2", ORDERED, "a");
    await gate.stub.configure({ ...ORDERED, version: 2, orderKey: "header:x" });
    expect(sentIds(gate)).toEqual(["dlv_2"]);
  });

  it("is not undone by a consumer that knows the old one", async () => {
    const gate = await makeGate();
    await gate.stub.configure({ ...NONE, version: 5, concurrency: 1 });
    await permit(gate.ask("1", { ...NONE, version: 4, concurrency: 9 }));
    const waits = await gate.ask("2", { ...NONE, version: 4, concurrency: 9 });
    expect(waits).toMatchObject({ kind: "wait" });
  });
});

describe("a doubled task", () => {
  const one: GateConfig = { ...NONE, concurrency: 1 };

  it("that knows of fewer tries than the line is turned away, and who waits is still sent for", async () => {
    const gate = await makeGate();
    const first = await permit(gate.ask("1", one));
    expect(await gate.ask("2", one, null, 1)).toMatchObject({ kind: "wait" });
    expect(await gate.ask("2", one, null, 0)).toEqual({ kind: "busy" });
    await gate.stub.report(done("1", first));
    expect(gate.sent).toEqual([taskOf(gate, "2", 1)]);
  });

  it("that took a place which its delivery did not need gives the turn to who waits behind", async () => {
    const gate = await makeGate();
    const first = await permit(gate.ask("1", one));
    await gate.ask("2", one);
    await gate.ask("3", one);
    await gate.stub.report(done("1", first));
    expect(gate.sent).toEqual([taskOf(gate, "2")]);
    const dueAt = Date.now() + 3_600_000;
    await gate.stub.rest([{ deliveryId: "dlv_2", asked: 0, attempt: 1, dueAt }]);
    expect(gate.sent.slice(1)).toEqual([taskOf(gate, "3")]);
    await gate.age(OVERDUE_MS + 1);
    await runDurableObjectAlarm(gate.stub);
    // Nobody sends for it any more.
    expect(gate.sent.slice(2)).toEqual([taskOf(gate, "3")]);
  });

  it("does not cost a place that was asked for with the tries that it has had", async () => {
    const gate = await makeGate();
    const first = await permit(gate.ask("1", one));
    await gate.ask("2", one, null, 1);
    const tried = { deliveryId: "dlv_2", asked: 0, attempt: 1, dueAt: Date.now() + 3_600_000 };
    await gate.stub.rest([{ ...tried, asked: 1 }]);
    await gate.stub.report(done("1", first));
    await gate.stub.rest([tried]);
    await permit(gate.ask("3", one));
    await gate.age(OVERDUE_MS + 1);
    await runDurableObjectAlarm(gate.stub);
    expect(gate.sent).toEqual([taskOf(gate, "2", 1), taskOf(gate, "2", 1)]);
  });

  it("does not cost a key's head its place", async () => {
    const gate = await makeGate();
    const first = await permit(gate.ask("9", { ...ORDERED, concurrency: 1 }, "b"));
    const config = { ...ORDERED, concurrency: 1 };
    await gate.ask("1", config, "a");
    await gate.ask("2", config, "a");
    await gate.stub.report(done("9", first));
    expect(gate.sent).toEqual([taskOf(gate, "1")]);
    const dueAt = Date.now() + 3_600_000;
    await gate.stub.rest([{ deliveryId: "dlv_1", asked: 0, attempt: 1, dueAt }]);
    expect(await gate.ask("2", config, "a")).toMatchObject({ kind: "wait", sendTask: false });
    await permit(gate.ask("1", config, "a", 1));
    expect(gate.sent).toHaveLength(1);
  });
});

describe("what can go wrong", () => {
  it("a queue that does not take the tasks costs nobody its permit; the alarm sends again", async () => {
    const gate = await makeGate();
    const one: GateConfig = { ...NONE, concurrency: 1 };
    const first = await permit(gate.ask("1", one));
    await gate.ask("2", one);
    await runInDurableObject(gate.stub, (object: DestinationGate) => {
      const sendBatch = () => Promise.reject(new Error("down"));
      (object as unknown as { env: unknown }).env = { DELIVERIES_QUEUE: { sendBatch } };
    });
    await gate.stub.report(done("1", first));
    await gate.evict();
    await gate.age(OVERDUE_MS + 1);
    await runDurableObjectAlarm(gate.stub);
    expect(gate.sent).toEqual([taskOf(gate, "2")]);
  });

  it("who is told of before its time is not asked after until then", async () => {
    const gate = await makeGate();
    const dueAt = Date.now() + 3_600_000;
    const place = { deliveryId: "dlv_1", eventId: "evt_1", key: "a", attempt: 0, dueAt };
    await gate.stub.enqueue(ORDERED, [place]);
    await gate.age(OVERDUE_MS + 1);
    await runDurableObjectAlarm(gate.stub);
    expect(gate.sent).toEqual([]);
    const alarm = await runInDurableObject(gate.stub, (_, { storage }) => storage.getAlarm());
    expect(alarm).toBeGreaterThan(Date.now() + 10 * 60_000);
  });

  it("a deleted destination's gate keeps nothing", async () => {
    const gate = await makeGate();
    await permit(gate.ask("1", ORDERED, "a"));
    await gate.stub.forget();
    const left = await runInDurableObject(gate.stub, async (_, { storage }) => ({
      alarm: await storage.getAlarm(),
      rows: storage.sql.exec("SELECT * FROM line").toArray(),
      config: storage.kv.get("config"),
    }));
    expect(left).toEqual({ alarm: null, rows: [], config: undefined });
  });
});
