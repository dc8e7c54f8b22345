import { afterAll, beforeAll, expect, it } from "vitest";
import type { CrashPoint } from "../../src/crash-point.ts";
import { call, type DeliveryJson, deliveryOf, header } from "../e2e/support.ts";
import type { Received } from "../support/received.ts";
import { startReceiver } from "../support/receiver.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Control, startControl } from "./control.ts";

/**
 * What must hold wherever the process dies. Each row kills the whole local session at a named point and starts it again
 * on the same data; only the ticker helps then. Two rows need no dead process and are elsewhere: D1 down at ingest is
 * 503 and never a 2xx (test/edge/refusals.test.ts), and consumers that race for a delivery make one call
 * (test/consumer/retries.test.ts).
 */

/** A claim holds for both together; a call may take as long as a busy machine needs. */
const CALL_TIMEOUT_MS = 2000;
const LEASE_MARGIN_MS = "1000";
const TICK_MS = "500";

let control: Control;
let session: TestSession;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let rows = 0;
let isReceiverWell = true;

beforeAll(async () => {
  control = await startControl();
  receiver = await startReceiver(0, () => (isReceiverWell ? undefined : "/status/503"));
  session = await startSession({
    env: {
      BATON_TICK_MS: TICK_MS,
      BATON_VAR_CRASH_URL: control.url,
      BATON_VAR_LEASE_MARGIN_MS: LEASE_MARGIN_MS,
    },
  });
});
afterAll(async () => {
  await receiver.close();
  await control.close();
});

/** A source with rules to a destination of the row's own. */
type RowOptions = {
  rules?: number;
  schedule?: number[];
  source?: Record<string, unknown>;
  destination?: Record<string, unknown>;
};

async function makeRow(options: RowOptions = {}) {
  const slug = `row-${++rows}`;
  const source = await call<{ id: string }>(session, 201, "POST", "/sources", {
    slug,
    ...options.source,
  });
  const destination = await call<{ id: string }>(session, 201, "POST", "/destinations", {
    name: slug,
    kind: "http",
    config: { url: `${receiver.url}/ok/${slug}`, timeoutMs: CALL_TIMEOUT_MS },
    retry: { schedule: options.schedule ?? [0, 2, 2, 2] },
    ...options.destination,
  });
  for (let i = 0; i < (options.rules ?? 1); i++) {
    await call(session, 201, "POST", "/rules", {
      sourceId: source.id,
      name: `${slug} ${i}`,
      match: {},
      destinationId: destination.id,
    });
  }
  const events = async () => {
    const path = `/events?sourceId=${source.id}`;
    const { data } = await call<{ data: { id: string }[] }>(session, 200, "GET", path);
    return data.map(({ id }) => id);
  };
  return {
    send: () => send(slug),
    arrivals: () => receiver.received.filter(({ url }) => url.includes(`/${slug}`)),
    events,
    /** The id of the row's only event; its sender may have been cut off before the answer. */
    event: async () => (await events())[0] ?? "",
  };
}

/** The id that the sender was given, or null when the connection broke. */
async function send(slug: string): Promise<string | null> {
  try {
    const response = await fetch(session.ingestUrl(slug), { method: "POST", body: slug });
    expect(response.status).toBe(202);
    return ((await response.json()) as { id: string }).id;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** Does something that reaches the point, where everything dies; then starts again. */
async function dieAt<T>(point: CrashPoint, act: () => Promise<T>, visit = 1): Promise<T> {
  const dead = control.killAt(point, () => session.kill(), visit);
  const [result] = await Promise.all([act(), dead]);
  session = await startSession({ env: session.env });
  return result;
}

const numbers = (calls: Received[]) => calls.map((got) => header(got, "x-baton-attempt"));
const tries = ({ attempts }: DeliveryJson) =>
  attempts.map(({ number, outcome }) => `${number} ${outcome}`);

/** Long enough for the ticker to have looked several times. */
const aFewTicks = () => new Promise((resolve) => setTimeout(resolve, 4 * Number(TICK_MS)));

it("before the insert: the sender sees an error, and nothing is stored", async () => {
  const row = await makeRow();
  expect(await dieAt("before-insert", row.send)).toBeNull();
  await aFewTicks();
  expect(await row.events()).toEqual([]);
  expect(row.arrivals()).toEqual([]);
});

it("after the insert, before the send: the sweep routes it", async () => {
  const row = await makeRow();
  control.hold("before-send");
  expect(await dieAt("after-insert", row.send)).toBeNull();
  control.release("before-send");
  const id = await row.event();
  expect(tries(await deliveryOf(session, id, "succeeded"))).toEqual(["1 succeeded"]);
  expect(numbers(row.arrivals())).toEqual(["1"]);
});

it("acknowledged, before the send: the sweep routes it", async () => {
  const row = await makeRow();
  control.hold("before-send");
  const id = (await dieAt("sweep-after-send", row.send)) ?? "";
  control.release("before-send");
  // Dying after the sweep's send, too, only makes the task come twice.
  expect(tries(await deliveryOf(session, id, "succeeded"))).toEqual(["1 succeeded"]);
  await aFewTicks();
  expect(numbers(row.arrivals())).toEqual(["1"]);
});

it("the send before the insert: the task finds no row and comes again", async () => {
  const row = await makeRow();
  const before = control.visits("event-missing");
  control.hold("before-insert");
  const sent = row.send();
  await waitFor(() => control.visits("event-missing") > before, { what: "a task without a row" });
  control.release("before-insert");
  const id = (await sent) ?? "";
  expect(tries(await deliveryOf(session, id, "succeeded"))).toEqual(["1 succeeded"]);
  expect(numbers(row.arrivals())).toEqual(["1"]);
});

it("the send before an insert that never commits: the task is dropped, and nothing was promised", async () => {
  const row = await makeRow();
  const before = control.visits("event-missing");
  control.hold("before-insert");
  const sent = row.send();
  await waitFor(() => control.visits("event-missing") === before + 3, {
    what: "the task's last try",
    deadlineMs: 30_000,
  });
  await new Promise((resolve) => setTimeout(resolve, 6000));
  expect(control.visits("event-missing")).toBe(before + 3);
  await session.kill();
  expect(await sent).toBeNull();
  control.release("before-insert");
  session = await startSession({ env: session.env });
  expect(await row.events()).toEqual([]);
  expect(row.arrivals()).toEqual([]);
});

it("before the routing is written: the event is routed again, once", async () => {
  const row = await makeRow();
  await dieAt("before-save-routed", row.send);
  const id = await row.event();
  expect(tries(await deliveryOf(session, id, "succeeded"))).toEqual(["1 succeeded"]);
  expect(numbers(row.arrivals())).toEqual(["1"]);
});

it("after the claim, before the call: the lease ends, the try is on record, the next one has the next number", async () => {
  const row = await makeRow();
  await dieAt("after-claim-before-call", row.send);
  const id = await row.event();
  expect(row.arrivals()).toEqual([]);
  const delivery = await deliveryOf(session, id, "succeeded");
  expect(tries(delivery)).toEqual(["1 interrupted", "2 succeeded"]);
  expect(numbers(row.arrivals())).toEqual(["2"]);
});

it("after the remote's 200, before the write: interrupted on record, then the same webhook-id again", async () => {
  const row = await makeRow();
  await dieAt("after-call-before-write", row.send);
  const id = await row.event();
  expect(numbers(row.arrivals())).toEqual(["1"]);
  const delivery = await deliveryOf(session, id, "succeeded");
  expect(tries(delivery)).toEqual(["1 interrupted", "2 succeeded"]);
  expect(numbers(row.arrivals())).toEqual(["1", "2"]);
  const ids = new Set(row.arrivals().map((got) => header(got, "webhook-id")));
  expect(ids).toEqual(new Set([delivery.id]));
});

it("after the write of an interruption, before its task: the due time brings it back", async () => {
  const row = await makeRow();
  await dieAt("after-call-before-write", row.send);
  const id = await row.event();
  await dieAt("sweep-after-interrupt", async () => {});
  const delivery = await deliveryOf(session, id, "succeeded");
  expect(tries(delivery)).toEqual(["1 interrupted", "2 succeeded"]);
});

it("after the write of a failure, before the task of the next try: the due time brings it back", async () => {
  const row = await makeRow();
  isReceiverWell = false;
  await dieAt("after-write-before-task", row.send);
  const id = await row.event();
  isReceiverWell = true;
  const delivery = await deliveryOf(session, id, "succeeded");
  expect(tries(delivery)).toEqual(["1 failed", "2 succeeded"]);
  expect(numbers(row.arrivals())).toEqual(["1", "2"]);
});

it("after the write, before the ack: nothing is called again", async () => {
  const row = await makeRow();
  await dieAt("before-ack", row.send);
  const id = await row.event();
  await aFewTicks();
  const delivery = await deliveryOf(session, id, "succeeded");
  expect(tries(delivery)).toEqual(["1 succeeded"]);
  expect(numbers(row.arrivals())).toEqual(["1"]);
});

it("holding a gate's permit: it ends before the lease, and the key keeps its order", async () => {
  const gate = { rate: { concurrency: 1 }, ordered: "key", orderKey: "sender" };
  const row = await makeRow({ destination: gate });
  await dieAt("after-call-before-write", row.send);
  const first = await row.event();
  const others = [(await row.send()) ?? "", (await row.send()) ?? ""];
  expect(tries(await deliveryOf(session, first, "succeeded"))).toEqual([
    "1 interrupted",
    "2 succeeded",
  ]);
  for (const id of others) {
    expect(tries(await deliveryOf(session, id, "succeeded"))).toEqual(["1 succeeded"]);
  }
  const arrived = row.arrivals().map((got) => header(got, "x-baton-event-id"));
  expect(arrived).toEqual([first, first, ...others]);
});

it("with dedup, after the key and the event, before the send: one event, routed by the sweep", async () => {
  const row = await makeRow({ source: { dedup: { from: "body", windowSeconds: 60 } } });
  control.hold("before-send");
  expect(await dieAt("after-insert", row.send)).toBeNull();
  control.release("before-send");
  // The sender was cut off and sends again: the same event answers.
  const again = await row.send();
  expect(await row.events()).toEqual([again]);
  expect(tries(await deliveryOf(session, again ?? "", "succeeded"))).toEqual(["1 succeeded"]);
  expect(numbers(row.arrivals())).toEqual(["1"]);
});

const BATCH = 8;

it("in the middle of a batch of first tries: those not finished wait for their lease", async () => {
  const row = await makeRow({ rules: BATCH });
  await dieAt("after-claim-before-call", row.send, 4);
  const deliveries = await allSucceeded(await row.event());
  const stories = deliveries.map((delivery) => tries(delivery).join(", "));
  const done = stories.filter((story) => story === "1 succeeded");
  const interrupted = stories.filter((story) => story === "1 interrupted, 2 succeeded");
  expect(done.length + interrupted.length).toBe(BATCH);
  expect(done.length).toBeGreaterThanOrEqual(1);
  // The 4th, whose call was never made, and the four behind it.
  expect(interrupted.length).toBeGreaterThanOrEqual(5);
  expectOnRecord(row.arrivals(), deliveries);
});

it("in the middle of a batch of retries: what was claimed waits for its lease, the others run again", async () => {
  const row = await makeRow({ rules: BATCH, schedule: [0, 4, 2, 2] });
  isReceiverWell = false;
  const id = (await row.send()) ?? "";
  await waitFor(async () => (await deliveriesOf(id)).every((d) => d.status === "retrying"), {
    what: "the first tries",
  });
  isReceiverWell = true;
  // The first retry waits here while the others gather behind it into one batch.
  const before = control.visits("after-claim-before-call");
  control.hold("after-claim-before-call");
  await waitFor(() => control.visits("after-claim-before-call") >= before + 2, { what: "retries" });
  await dieAt("after-claim-before-call", async () => control.release("after-claim-before-call"), 2);
  const deliveries = await allSucceeded(id);
  const stories = deliveries.map((delivery) => tries(delivery).join(", "));
  const interrupted = stories.filter((s) => s === "1 failed, 2 interrupted, 3 succeeded");
  const others = stories.filter((s) => s === "1 failed, 2 succeeded");
  expect(interrupted.length + others.length).toBe(BATCH);
  expect(interrupted.length).toBeGreaterThanOrEqual(1);
  // A retry is claimed right before its call, two at a time: the rest of the batch was free.
  expect(interrupted.length).toBeLessThanOrEqual(4);
  expectOnRecord(row.arrivals(), deliveries);
});

async function deliveriesOf(eventId: string) {
  const path = `/deliveries?eventId=${eventId}`;
  const { data } = await call<{ data: DeliveryJson[] }>(session, 200, "GET", path);
  return data.length === BATCH ? data : [{ id: "", status: "missing" }];
}

/** The batch's deliveries with their attempts, once all have succeeded. */
async function allSucceeded(eventId: string): Promise<DeliveryJson[]> {
  await waitFor(async () => (await deliveriesOf(eventId)).every((d) => d.status === "succeeded"), {
    what: "all to succeed",
    deadlineMs: 30_000,
  });
  const list = await deliveriesOf(eventId);
  return Promise.all(
    list.map(({ id }) => call<DeliveryJson>(session, 200, "GET", `/deliveries/${id}`)),
  );
}

/** Whatever number the receiver has seen has an attempt. */
function expectOnRecord(arrivals: Received[], deliveries: DeliveryJson[]): void {
  const recorded = new Set(
    deliveries.flatMap(({ id, attempts }) => attempts.map(({ number }) => `${id} ${number}`)),
  );
  for (const got of arrivals) {
    expect(recorded).toContain(`${header(got, "webhook-id")} ${header(got, "x-baton-attempt")}`);
  }
}
