import { expect, it } from "vitest";
import { openEvents } from "../../src/db/client.ts";
import { storeEvent } from "../../src/ingest/store-event.ts";
import { countingD1 } from "./counting-d1.ts";
import {
  consume,
  consumerEnv,
  deliveryOf,
  fakeQueues,
  makeDestination,
  makeRule,
  makeSource,
} from "./support.ts";

const BUDGET_ROWS = 5;

/** Any call of a Durable Object would be rows and money too: this path makes none, or fails here. */
const noObjects = new Proxy({} as ConsumerEnv["CHANNEL"], {
  get() {
    throw new Error("a Durable Object was called");
  },
});

it(`a delivered event with one destination writes at most ${BUDGET_ROWS} rows, D1 and objects together`, async () => {
  const sourceId = await makeSource();
  await makeRule(sourceId, (await makeDestination()).id);
  const control = countingD1(consumerEnv.DB);
  const events = countingD1(consumerEnv.EVENTS_0);
  const { env, sent } = fakeQueues();

  const eventId = await storeEvent(
    { db: openEvents(events.d1), queue: env.EVENTS_QUEUE as Queue<never>, waitUntil: () => {} },
    {
      id: sourceId,
      organizationId: "org_test",
      slug: "x",
      shard: 0,
      enabled: true,
      response: null,
      verification: null,
      dedup: null,
      preset: "generic",
      requireSender: false,
      senders: [],
    },
    {
      method: "POST",
      host: "x.localhost",
      path: "/",
      query: "",
      headers: [["content-type", "application/json"]],
      contentType: "application/json",
      ip: "127.0.0.1",
      senderId: null,
      senderBy: null,
      senderName: "test",
      network: { country: "KR" },
      hops: 0,
      body: {
        size: 2,
        sha256: "",
        inline: new TextEncoder().encode("{}") as Uint8Array<ArrayBuffer>,
        key: null,
      },
    },
  );
  await consume(
    { ...env, DB: control.d1, EVENTS_0: events.d1, CHANNEL: noObjects, GATE: noObjects as never },
    "events",
    [sent[0]?.body],
  );

  expect((await deliveryOf(eventId)).status).toBe("succeeded");
  expect(control.rowsWritten()).toBe(0);
  expect(events.uncounted()).toEqual([]);
  expect(events.rowsWritten()).toBeGreaterThan(0);
  expect(events.rowsWritten()).toBeLessThanOrEqual(BUDGET_ROWS);
});
