import { expect, it, vi } from "vitest";
import { PING_EVERY_MS, PONG_WITHIN_MS } from "../../src/channels/constants.ts";
import { type Channels, topicName } from "../../src/channels/index.ts";
import { openBridge } from "../../src/channels/open-bridge.ts";
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

/** A deployment whose channels answer so. */
function answering(fetch: () => Promise<Response>): Channels {
  const stub = bindings.CHANNEL.getByName("none");
  return { getByName: () => Object.assign(Object.create(stub), { fetch }) };
}

it("a channel that cannot be reached is 503, and what goes on after the request fails nothing", async () => {
  const { opening, over } = visit(
    "none",
    answering(() => Promise.reject(new Error("gone"))),
  );
  await expect(opening).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 1 });
  await over();
});

it("a channel that is full is 503 with its own words, on a socket and on a stream", async () => {
  const full = answering(async () => {
    return new Response("As many as can be.", { status: 503, headers: { "retry-after": "5" } });
  });
  const told = { code: "unavailable", message: "As many as can be.", retryAfterSeconds: 5 };
  const { opening, over } = visit("none", full);
  await expect(opening).rejects.toMatchObject(told);
  await over();
  const ends = { onMessage: () => {}, onEnd: () => {} };
  await expect(openBridge(full, "none", WISH, ends)).rejects.toMatchObject(told);
});

it("a stream's channel that answers no ping is given up 10 s after it, one that does is not", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout"] });
  try {
    const ended: string[] = [];
    const heard = new Promise<void>((resolve) => {
      for (const answers of [[], ["pong", "heard"]]) {
        const { 0: client, 1: channel } = new WebSocketPair();
        channel.addEventListener("message", () => {
          for (const answer of answers) channel.send(answer);
        });
        channel.accept();
        const channels = answering(async () => {
          return new Response(null, { status: 101, webSocket: client });
        });
        const onEnd = (code: number) => void ended.push(`${answers.length} ${code}`);
        void openBridge(channels, "none", WISH, { onMessage: () => resolve(), onEnd });
      }
    });
    await vi.advanceTimersByTimeAsync(PING_EVERY_MS);
    await heard;
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(PONG_WITHIN_MS);
    expect(ended).toEqual(["0 1006"]);
  } finally {
    vi.useRealTimers();
  }
});
