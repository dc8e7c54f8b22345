import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { OVERDUE_MS } from "../../src/gates/constants.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call, deliveryOf } from "./support.ts";

/**
 * The slowest is the rate: 60 calls, 110 ms apart, are 7 s, and several times that on a machine that does other things.
 * Less than a gate takes to look after a turn that got lost, so that its look cannot hide the loss.
 */
const ARRIVAL_DEADLINE_MS = OVERDUE_MS - 5000;
// One test waits twice.
vi.setConfig({ testTimeout: 3 * ARRIVAL_DEADLINE_MS });

let session: TestSession;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  // The sweep doubles the tasks of whatever has been due for half a second.
  session = await startSession({ env: { BATON_TICK_MS: "500" } });
});
afterAll(async () => {
  for (const close of closers) await close();
});

type Got = { at: number; key: string; sequence: number; attempt: number; status: number };

/** A receiver that notes when each request came, and answers what `answer` says. */
async function startPacedReceiver(answer: (got: Omit<Got, "status">) => number = () => 200) {
  const got: Got[] = [];
  const most = { now: 0, ever: 0 };
  const state = { delayMs: 0 };
  const server = createServer(async (request, response) => {
    const at = performance.now();
    most.ever = Math.max(most.ever, ++most.now);
    let body = "";
    for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
    const { key = "", sequence = 0 } = JSON.parse(body) as { key?: string; sequence?: number };
    const attempt = Number(request.headers["x-baton-attempt"]);
    const entry = { at, key, sequence, attempt };
    const status = answer(entry);
    got.push({ ...entry, status });
    setTimeout(() => {
      most.now--;
      response.writeHead(status).end();
    }, state.delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, got, most, state };
}

async function makeGated(slug: string, url: string, gate: Record<string, unknown>) {
  const source = await call<{ id: string }>(session, 201, "POST", "/sources", { slug });
  const destination = await call<{ id: string }>(session, 201, "POST", "/destinations", {
    name: slug,
    kind: "http",
    config: { url, timeoutMs: 5000 },
    ...gate,
  });
  await call(session, 201, "POST", "/rules", {
    sourceId: source.id,
    name: slug,
    match: {},
    destinationId: destination.id,
  });
  return destination;
}

async function send(slug: string, body: unknown): Promise<string> {
  const answer = await session.send(`${slug}.localhost`, "/", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(202);
  return (JSON.parse(answer.text) as { id: string }).id;
}

/** The most requests that any window of that length has seen. */
function mostInAnyWindow(times: number[], windowMs: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.max(
    ...sorted.map((from) => sorted.filter((at) => at >= from && at < from + windowMs).length),
  );
}

// By itself: what it measures is time. The others mostly wait, each for a destination of its own.
it("a rate: 60 events at once, and no sliding second at the receiver is above it", async () => {
  const receiver = await startPacedReceiver();
  await makeGated("paced", receiver.url, { rate: { perSecond: 10, concurrency: 3 } });
  await Promise.all(Array.from({ length: 60 }, (_, sequence) => send("paced", { sequence })));
  await waitFor(() => new Set(receiver.got.map(({ sequence }) => sequence)).size === 60, {
    what: "60 events at the receiver",
    deadlineMs: ARRIVAL_DEADLINE_MS,
    explain: () => `it has had ${receiver.got.length}`,
  });
  expect(receiver.got).toHaveLength(60);
  const times = receiver.got.map(({ at }) => at);
  expect(mostInAnyWindow(times, 1000)).toBeLessThanOrEqual(10);
  expect(receiver.most.ever).toBeLessThanOrEqual(3);
});

it.concurrent("a concurrency: never more calls at a time, and all arrive", async () => {
  const receiver = await startPacedReceiver();
  receiver.state.delayMs = 50;
  await makeGated("narrow", receiver.url, { rate: { concurrency: 1 } });
  await Promise.all(Array.from({ length: 30 }, (_, sequence) => send("narrow", { sequence })));
  await waitFor(() => receiver.got.length >= 30, {
    what: "30 events at the receiver",
    deadlineMs: ARRIVAL_DEADLINE_MS,
    explain: () => `it has had ${receiver.got.length}`,
  });
  expect(receiver.most.ever).toBe(1);
  expect(receiver.got).toHaveLength(30);
});

it.concurrent("ordered by key: a key keeps its order through failures, and the others go on meanwhile", async () => {
  let isBroken = true;
  const receiver = await startPacedReceiver(({ key, sequence, attempt }) => {
    if (key === "a" && sequence === 2 && isBroken) return 500;
    return sequence % 3 === 0 && attempt === 1 ? 503 : 200;
  });
  await makeGated("ordered", receiver.url, {
    ordered: "key",
    orderKey: "json:key",
    retry: { schedule: [0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2] },
  });
  for (let sequence = 0; sequence < 8; sequence++) {
    for (const key of ["a", "b", "c"]) await send("ordered", { key, sequence });
  }
  const done = (key: string) =>
    receiver.got.filter((got) => got.key === key && got.status === 200).map((g) => g.sequence);
  await waitFor(() => done("b").length === 8 && done("c").length === 8, {
    what: "the other keys to be through",
    deadlineMs: ARRIVAL_DEADLINE_MS,
    explain: () => JSON.stringify(receiver.got),
  });
  expect(done("a")).toEqual([0, 1]);
  isBroken = false;
  await waitFor(() => done("a").length === 8, {
    what: "the blocked key to be through",
    deadlineMs: ARRIVAL_DEADLINE_MS,
    explain: () => JSON.stringify(receiver.got),
  });
  for (const key of ["a", "b", "c"]) {
    expect(done(key)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    // Not only the successes: no attempt overtakes either.
    const attempts = receiver.got.filter((got) => got.key === key).map((got) => got.sequence);
    expect(attempts).toEqual(attempts.toSorted((x, y) => x - y));
  }
});

it.concurrent("a head that is cancelled, or whose destination was off, holds nobody up", async () => {
  const receiver = await startPacedReceiver(({ sequence }) => (sequence === 0 ? 500 : 200));
  const destination = await makeGated("freed", receiver.url, {
    ordered: "key",
    orderKey: "sender",
    retry: { schedule: [0, 3600] },
  });
  const head = await deliveryOf(session, await send("freed", { sequence: 0 }), "retrying");
  const next = await send("freed", { sequence: 1 });
  await deliveryOf(session, next, "pending");
  await call(session, 200, "POST", `/deliveries/${head.id}/cancel`);
  await deliveryOf(session, next, "succeeded");

  await deliveryOf(session, await send("freed", { sequence: 0 }), "retrying");
  const path = `/destinations/${destination.id}`;
  await call(session, 200, "PATCH", path, { enabled: false });
  await call(session, 200, "PATCH", path, { enabled: true });
  const last = await deliveryOf(session, await send("freed", { sequence: 2 }), "succeeded");
  expect(last.attempts).toHaveLength(1);
});

it.concurrent("a breaker opens, uses up no tries, probes once, closes, and drains without a storm", async () => {
  let isDown = true;
  const receiver = await startPacedReceiver(() => (isDown ? 500 : 200));
  await makeGated("broken", receiver.url, {
    breaker: { failures: 3, cooldownSeconds: 4 },
    rate: { concurrency: 1 },
    retry: { schedule: [0, 2, 2, 2, 2, 2] },
  });
  const ids = await Promise.all(
    Array.from({ length: 30 }, (_, sequence) => send("broken", { sequence })),
  );
  await waitFor(() => receiver.got.length >= 4, { what: "the first probe", deadlineMs: 30_000 });
  const [first = 0, second = 0, third = 0, probe = 0] = receiver.got.map(({ at }) => at);
  // A busy machine may be late with one of them, and then it is not with the other.
  expect(Math.min(second - first, third - second)).toBeLessThan(3900);
  expect(probe - third).toBeGreaterThan(3900);
  isDown = false;
  const arrived = () => receiver.got.filter(({ status }) => status === 200);
  await waitFor(() => arrived().length >= 30, {
    what: "everything to arrive after all",
    deadlineMs: ARRIVAL_DEADLINE_MS,
    explain: () => `it has had ${JSON.stringify(receiver.got)}`,
  });
  const failures = receiver.got.filter(({ status }) => status === 500).map(({ at }) => at);
  // After the first three every failed call was a probe, alone in its cool-down.
  const probes = failures.slice(3).map((at, i) => at - (failures[i + 2] ?? 0));
  expect(probes.filter((gap) => gap <= 3900)).toEqual([]);
  const times = arrived().map(({ at }) => at);
  expect(mostInAnyWindow(times, 1000)).toBeLessThanOrEqual(20);
  for (const id of ids) {
    const { attempts } = await deliveryOf(session, id, "succeeded");
    expect(attempts.length).toBeLessThanOrEqual(1 + failures.length);
  }
  expect(receiver.got).toHaveLength(30 + failures.length);
});
