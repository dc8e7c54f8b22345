import { expect, it } from "vitest";
import { type Channels, topicName } from "../../src/channels/index.ts";
import { upgradeClient } from "../../src/channels/upgrade-client.ts";
import { waitFor } from "../support/wait-for.ts";
import { bindings } from "./support.ts";

const WISH = {
  format: "json",
  batch: false,
  since: null,
  until: null,
  untilCode: 4409,
  slow: "drop",
  acks: false,
} as const;

/** A client whose socket is being opened; `over` is what goes on after the request. */
function visit(topic: string, channels: Channels = bindings.CHANNEL) {
  const client = new AbortController();
  const after: Promise<unknown>[] = [];
  const execution = { waitUntil: (one: Promise<unknown>) => void after.push(one) };
  const request = new Request("http://localhost", { signal: client.signal });
  const opening = upgradeClient({ request, execution }, channels, topic, WISH);
  return { opening, leave: () => client.abort(), over: () => Promise.all(after) };
}

const socketsOf = async (topic: string) =>
  (await bindings.CHANNEL.getByName(topic).describe()).sockets;

it("a client that goes while its socket is opened leaves none in the channel", async () => {
  const topic = topicName("org_upgrade", "gone");
  const { opening, leave, over } = visit(topic);
  leave();
  expect((await opening).status).toBe(101);
  await over();
  await waitFor(async () => (await socketsOf(topic)) === 0, { what: "the socket to go" });
});

it("a client that stays has the channel's own socket", async () => {
  const topic = topicName("org_upgrade", "here");
  const { opening, over } = visit(topic);
  const { webSocket } = await opening;
  await over();
  const got: unknown[] = [];
  webSocket?.addEventListener("message", ({ data }) => {
    got.push(JSON.parse(String(data)));
  });
  webSocket?.accept();
  await waitFor(() => got.length > 0, { what: "the ready frame" });
  expect([got, await socketsOf(topic)]).toMatchObject([[{ event: "ready" }], 1]);
  webSocket?.close(1000);
});

it("a channel that cannot be reached is 503, and what goes on after the request fails nothing", async () => {
  const stub = bindings.CHANNEL.getByName("none");
  const fetch = () => Promise.reject(new Error("gone"));
  const unreachable = { getByName: () => Object.assign(Object.create(stub), { fetch }) };
  const { opening, over } = visit("none", unreachable as Channels);
  await expect(opening).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 1 });
  await over();
});
