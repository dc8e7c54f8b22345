import { expect, it } from "vitest";
import { topicName } from "../../src/channels/index.ts";
import { deliver } from "../../src/destinations/deliver.ts";
import { eventWith, inputOf } from "../destinations/fixtures.ts";
import {
  consume,
  consumerEnv,
  deliveryOf,
  expire,
  fakeQueues,
  makeEvent,
  makeKind,
  makeRule,
  makeSource,
} from "./support.ts";

let channels = 0;

async function publishTo(more: { transform?: unknown } = {}) {
  const { env } = fakeQueues();
  const source = await makeSource();
  const channel = `orders.${channels++}`;
  await makeRule(source, await makeKind("channel", { channel, event: "order" }), more);
  return { env, source, channel };
}

const framesOf = async (channel: string) => {
  const topic = consumerEnv.CHANNEL.getByName(topicName("org_test", channel));
  const { frames } = await topic.history("all", 100);
  return frames.map(({ event, data }) => ({ event, data: JSON.parse(data) }));
};

it("an event becomes one frame, also when a try is made again", async () => {
  const { env, source, channel } = await publishTo();
  const { eventId } = await makeEvent(source, { body: '{"a":"한"}', path: "/orders/1" });
  await consume(env, "events", [{ eventId, sourceId: source }]);
  const delivery = await deliveryOf(eventId);
  expect(delivery.status).toBe("succeeded");
  const frames = await framesOf(channel);
  expect(frames).toEqual([
    {
      event: "order",
      data: expect.objectContaining({ id: eventId, path: "/orders/1", body: '{"a":"한"}' }),
    },
  ]);
  // As when the process died after the channel had taken it.
  await consumerEnv.EVENTS_0.prepare("UPDATE deliveries SET status = 'retrying' WHERE id = ?")
    .bind(delivery.id)
    .run();
  await expire(delivery.id, "next_attempt_at");
  await consume(env, "deliveries", [{ deliveryId: delivery.id }]);
  expect((await deliveryOf(eventId)).attempt).toBe(2);
  expect(await framesOf(channel)).toEqual(frames);
});

it("what a transform made is the frame's data: JSON as it is, a text as a string", async () => {
  for (const [template, contentType, data] of [
    ['{"n":1}', "application/json", { n: 1 }],
    ["hello", "text/plain", "hello"],
  ] as const) {
    const { env, source, channel } = await publishTo({
      transform: [{ kind: "template", template, contentType }],
    });
    const task = await makeEvent(source, { body: "x" });
    await consume(env, "events", [task]);
    expect(await framesOf(channel)).toEqual([{ event: "order", data }]);
  }
});

it("another organization's channel of that name has nothing of it", async () => {
  const { env, source, channel } = await publishTo();
  await consume(env, "events", [await makeEvent(source, { body: "x" })]);
  const other = consumerEnv.CHANNEL.getByName(topicName("org_other", channel));
  expect((await other.history("all", 10)).frames).toEqual([]);
});

const stores = {
  channels: consumerEnv.CHANNEL,
  mailboxes: undefined as never,
  bodies: undefined as never,
  db: undefined as never,
};
const publish = (channel: string, input: ReturnType<typeof inputOf>) =>
  deliver("channel", { channel, event: "message" }, input);

it("a body that no frame can hold is left out, and said to be", async () => {
  const input = inputOf(eventWith("x".repeat(65_500)), { stores });
  expect((await publish("large", input)).outcome).toEqual({ ok: true });
  const [frame] = await framesOf("large");
  expect(frame?.data).toMatchObject({ id: input.event.id, body: null, bodyLeftOut: true });
});

it("what a transform made too large is refused, and not tried again", async () => {
  const output = { kind: "text" as const, text: "x".repeat(65_536), contentType: "text/plain" };
  const input = inputOf(eventWith("x"), { stores, output });
  expect((await publish("refused", input)).outcome).toEqual({
    ok: false,
    retry: false,
    reason: "invalid_payload",
  });
  expect(await framesOf("refused")).toEqual([]);
});

it("a channel that cannot be reached is tried again; a stored body that is gone is not", async () => {
  const broken = {
    getByName: () => ({ publish: () => Promise.reject(new Error("overloaded")) }),
  } as never;
  const lost = inputOf(eventWith("x"), { stores: { ...stores, channels: broken } });
  expect((await publish("lost", lost)).outcome).toMatchObject({
    retry: true,
    reason: "connection_failed",
  });
  const gone = inputOf(eventWith("x", { openBody: async () => null }), { stores });
  expect((await publish("gone", gone)).outcome).toMatchObject({
    retry: false,
    reason: "body_missing",
  });
});

it("a test's sample is published each time", async () => {
  const input = inputOf(eventWith("x"), { stores, sample: true });
  await publish("sample", input);
  await publish("sample", input);
  expect(await framesOf("sample")).toHaveLength(2);
});
