import { beforeAll, expect, it } from "vitest";
import { startReceiver } from "../support/receiver.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call, header, makeRelay } from "./support.ts";

/**
 * The local queue loses what it has not delivered when the session ends, so a SIGKILL under load leaves events that are
 * stored and that nobody will route: only the sweep can find them, and only the ticker starts it.
 */

const BURST = 400;
const LONG_TICK = "60000";
const SHORT_TICK = "500";

let session: TestSession;
let relay: Awaited<ReturnType<typeof makeRelay>>;

beforeAll(async () => {
  session = await startSession({ env: { BATON_TICK_MS: LONG_TICK } });
  relay = await makeRelay(session, "burst", { behaviour: "slow/20", config: { timeoutMs: 1000 } });
  return () => relay.receiver.close();
});

async function countStored(): Promise<number> {
  let count = 0;
  let cursor = "";
  do {
    const page = await call<{ data: unknown[]; nextCursor: string | null }>(
      session,
      200,
      "GET",
      `/events?sourceId=${relay.source.id}&status=stored&limit=100${cursor}`,
    );
    count += page.data.length;
    cursor = page.nextCursor ? `&cursor=${encodeURIComponent(page.nextCursor)}` : "";
  } while (cursor);
  return count;
}

it("what a killed session had acknowledged is delivered after a restart, by the ticker alone", async () => {
  const acknowledged: string[] = [];
  const waiting = Array.from({ length: BURST }, (_, index) => index);
  const sender = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const response = await fetch(`${session.ingestUrl("burst")}/${next}`, {
        method: "POST",
        body: `${next}`,
      });
      if (response.status === 202)
        acknowledged.push(((await response.json()) as { id: string }).id);
    }
  };
  await Promise.all(Array.from({ length: 16 }, sender));
  expect(acknowledged).toHaveLength(BURST);
  await session.kill();

  // Without a tick nothing brings them back.
  session = await startSession({ env: { ...session.env, BATON_TICK_MS: LONG_TICK } });
  const lost = await countStored();
  expect(lost).toBeGreaterThan(0);
  await session.kill();

  session = await startSession({ env: { ...session.env, BATON_TICK_MS: SHORT_TICK } });
  const arrived = () =>
    new Set(relay.receiver.received.map((got) => header(got, "x-baton-event-id")));
  await waitFor(
    async () => acknowledged.every((id) => arrived().has(id)) && (await countStored()) === 0,
    {
      what: "every acknowledged event at the receiver",
      deadlineMs: 90_000,
      everyMs: 500,
      explain: () => `${arrived().size} of ${BURST} arrived`,
    },
  );
}, 180_000);

it("a retry whose delayed message was lost is made by the ticker", async () => {
  const failing = await makeRelay(session, "flaky", {
    behaviour: "status/503",
    retry: { schedule: [0, 3, 600] },
  });
  await fetch(session.ingestUrl("flaky"), { method: "POST", body: "x" });
  await waitFor(() => failing.receiver.received.length === 1, { what: "the first try" });
  await waitFor(
    async () =>
      (await call<{ data: { status: string }[] }>(session, 200, "GET", "/deliveries?limit=1"))
        .data[0]?.status === "retrying",
    { what: "the outcome of the first try" },
  );
  await session.kill();
  session = await startSession({ env: session.env });
  await waitFor(() => failing.receiver.received.length === 2, {
    what: "the second try",
    deadlineMs: 30_000,
  });
  expect(failing.receiver.received.map((got) => header(got, "x-baton-attempt"))).toEqual([
    "1",
    "2",
  ]);
  await failing.receiver.close();
}, 120_000);

it("the receiver of these tests is real", async () => {
  const receiver = await startReceiver();
  expect((await fetch(receiver.url)).status).toBe(200);
  await receiver.close();
});
