import { beforeAll, expect, it } from "vitest";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { header, makeRelay } from "./support.ts";

/**
 * A destination that hangs must not delay its neighbour. Measured where it counts, at the neighbour's receiver, and
 * against the same load without the hanging one: a clock alone would measure the machine. The hanging destination holds
 * each call for ten seconds; were a batch to wait for it, every ten events would take that long.
 */

const EVENTS = 60;
const HANG_MS = 10_000;
/**
 * What a neighbour's event may take longer than without the hanging one: what a busy machine may lose meanwhile, and
 * less than one held-up batch of the six.
 */
const ALLOWANCE_MS = 8_000;

let session: TestSession;
beforeAll(async () => {
  session = await startSession();
});

type Relay = Awaited<ReturnType<typeof makeRelay>>;

/** Sends one event after the other and gives the longest wait until one has come to the receiver, in ms. */
async function slowest(relay: Relay, slug: string, alsoTo?: string): Promise<number> {
  const sent = new Map<string, number>();
  const first = relay.receiver.received.length;
  for (let i = 0; i < EVENTS; i++) {
    if (alsoTo) await post(alsoTo);
    const at = Date.now();
    sent.set(await post(slug), at);
  }
  await waitFor(() => relay.receiver.received.length >= first + EVENTS, {
    what: "the neighbour's events",
    deadlineMs: 60_000,
  });
  const waits = relay.receiver.received
    .slice(first)
    .map((got) => got.at - (sent.get(header(got, "x-baton-event-id") ?? "") ?? 0));
  return Math.max(...waits);
}

async function post(slug: string): Promise<string> {
  const response = await fetch(session.ingestUrl(slug), { method: "POST", body: slug });
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

it("a destination that hangs does not delay its neighbour's events", async () => {
  const neighbour = await makeRelay(session, "neighbour");
  const hanging = await makeRelay(session, "hanging", {
    behaviour: "hang",
    config: { timeoutMs: HANG_MS },
    retry: { schedule: [0, 2, 2] },
  });
  const alone = await slowest(neighbour, "neighbour");
  const beside = await slowest(neighbour, "neighbour", "hanging");
  expect(hanging.receiver.received.length).toBeGreaterThan(2);
  expect(beside).toBeLessThan(2 * alone + ALLOWANCE_MS);
  // The hanging one is still called: it is put aside, not given up.
  const before = hanging.receiver.received.length;
  await waitFor(() => hanging.receiver.received.length > before, {
    what: "another try of the hanging one",
    deadlineMs: 40_000,
  });
  await hanging.receiver.close();
  await neighbour.receiver.close();
}, 180_000);

it("a full retry queue does not delay fresh events", async () => {
  const fresh = await makeRelay(session, "fresh");
  const alone = await slowest(fresh, "fresh");
  const failing = await makeRelay(session, "failing", {
    behaviour: "slow/900",
    config: { timeoutMs: 5000 },
    retry: { schedule: [2, 2] },
  });
  // Their first tries wait 2 s, so all of them go through the retry queue, for a second each; more come meanwhile.
  for (let i = 0; i < EVENTS; i++) await post("failing");
  await waitFor(() => failing.receiver.received.length > 0, { what: "the retry queue to be busy" });
  const beside = await slowest(fresh, "fresh", "failing");
  expect(beside).toBeLessThan(2 * alone + ALLOWANCE_MS);
  expect(failing.receiver.received.length).toBeLessThan(2 * EVENTS);
  await failing.receiver.close();
  await fresh.receiver.close();
}, 180_000);
