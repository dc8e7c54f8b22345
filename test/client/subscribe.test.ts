import { afterEach, describe, expect, it } from "vitest";
import { frames as iterate, type TransportName } from "../../src/client/index.ts";
import { waitFor } from "../support/wait-for.ts";
import { seeded } from "./chunks.ts";
import { ALL, FAST, follow, ids, idsOf, startTopic, stopAll } from "./support.ts";

/*
 * The library against a strict server that speaks the four transports, and cuts, delays, doubles and refuses on demand.
 */

afterEach(stopAll);

describe.each(ALL)("a subscription over %s", (transport) => {
  it("starts from all, the latest, an id, or now", async () => {
    const { topic, url } = await startTopic();
    for (let i = 1; i <= 3; i++)
      topic.append({ i, text: "결제 💳\n" }, i === 2 ? "paid" : undefined);
    const all = follow(url, { transport, since: "all" });
    const latest = follow(url, { transport, since: "latest" });
    const later = follow(url, { transport, since: "e1-1" });
    const now = follow(url, { transport });
    await Promise.all([all.has(3), latest.has(1), later.has(2), now.isOpen()]);
    await waitFor(() => now.subscription.position !== null, { what: "its start" });
    topic.append("four");
    await Promise.all([all.has(4), latest.has(2), later.has(3), now.has(1)]);
    expect(idsOf(all)).toEqual(ids(1, 4));
    expect(idsOf(latest)).toEqual(ids(3, 4));
    expect(idsOf(later)).toEqual(ids(2, 4));
    expect(idsOf(now)).toEqual(ids(4, 4));
    const at = transport === "sse" ? null : "1970-01-01T00:00:00.000Z";
    const second = { id: "e1-2", event: "paid", data: { i: 2, text: "결제 💳\n" }, at };
    expect(all.frames[1]).toEqual(second);
    expect(all.subscription.position).toBe("e1-4");
  });

  it("goes on from the start when it was cut before the first frame", async () => {
    const { topic, url } = await startTopic();
    topic.append("old");
    const follower = follow(url, { transport });
    await waitFor(() => follower.subscription.position !== null, { what: "its start" });
    await waitFor(() => topic.subs.size > 0, { what: "a connection", everyMs: 5 });
    for (const socket of topic.sockets) socket.destroy();
    topic.append("while away");
    await follower.has(1);
    expect(idsOf(follower)).toEqual(["e1-2"]);
  });

  it("drops what comes twice", async () => {
    const { topic, url } = await startTopic();
    topic.faults.push("twice");
    const follower = follow(url, { transport, since: "all" });
    await follower.isOpen();
    for (let i = 0; i < 5; i++) topic.append(i);
    await follower.has(5);
    expect(idsOf(follower)).toEqual(ids(1, 5));
  });

  it("tells a gap, and goes on behind it", async () => {
    const { topic, url } = await startTopic();
    for (let i = 0; i < 9; i++) topic.append(i);
    topic.forgotten = 6;
    const follower = follow(url, { transport, since: "e1-2" });
    await follower.has(3);
    expect(follower.gaps).toEqual([{ from: "e1-3", to: "e1-6", isAnnounced: true }]);
    expect(idsOf(follower)).toEqual(ids(7, 9));
  });

  it("ends for good when it is refused, with the problem's words", async () => {
    const { topic, url } = await startTopic();
    for (const status of [401, 403, 404, 422]) {
      topic.faults.push({ status, detail: `Because of ${status}.` });
      const follower = follow(url, { transport, token: "secret" });
      const error = await follower.error();
      expect(error).toMatchObject({ name: "BatonClientError", status });
      expect(error.message).toBe(`Because of ${status}.`);
      expect(follower.subscription.state).toEqual({ kind: "closed", error });
    }
    expect(topic.asked.every(({ token }) => token === "secret")).toBe(true);
  });

  it("tries again after 500, 429 and 503, not before Retry-After", async () => {
    const { topic, url } = await startTopic();
    topic.faults.push({ status: 500 }, { status: 429 }, { status: 503 });
    const follower = follow(url, { transport });
    await follower.isOpen();
    const waits = follower.states.filter((state) => state.kind === "waiting");
    expect(waits.map(({ error }) => error.status)).toEqual([500, 429, 503]);
    topic.faults.push({ status: 503, headers: { "retry-after": "600" } });
    const late = follow(url, { transport });
    await waitFor(() => late.subscription.state.kind === "waiting", { what: "its wait" });
    expect(late.subscription.state).toMatchObject({ error: { status: 503 } });
    const { waitMs } = late.subscription.state as { waitMs: number };
    expect([waitMs >= 600_000, waitMs < 600_100]).toEqual([true, true]);
    late.subscription.close();
    await late.subscription.done;
  });

  it("tries again when nothing answers", async () => {
    const { topic, url } = await startTopic();
    topic.faults.push("cut", "cut", "hang");
    const timing = { openMs: 100, pollMs: 100 };
    const follower = follow(url, { transport, since: "all", timing });
    topic.append("one");
    await follower.has(1);
    expect(idsOf(follower)).toEqual(["e1-1"]);
  });

  it("gets a fresh token when one has expired, and gives up when that is refused too", async () => {
    const { topic, url } = await startTopic();
    topic.tokens = new Set(["t1", "t2"]);
    let made = 0;
    const follower = follow(url, { transport, token: async () => `t${++made}`, since: "all" });
    await follower.isOpen();
    await waitFor(() => topic.subs.size === 1, { what: "a connection", everyMs: 5 });
    topic.tokens.delete("t1");
    for (const sub of topic.subs) sub.end(4401, "token_expired");
    topic.append("with another token");
    await follower.has(1);
    expect(made).toBe(2);
    topic.tokens.clear();
    for (const sub of topic.subs) sub.cut();
    expect(await follower.error()).toMatchObject({
      status: 401,
      message: "The token is not known.",
    });
    expect(made).toBe(3);
  });

  it("waits for the caller before the next frame, and says how far it is", async () => {
    const { topic, url } = await startTopic();
    for (let i = 0; i < 3; i++) topic.append(i);
    const seen: string[] = [];
    let release = () => {};
    const follower = follow(url, {
      transport,
      since: "all",
      onFrame: ({ id }) => {
        seen.push(id);
        return new Promise((resolve) => {
          release = resolve;
        });
      },
    });
    await waitFor(() => seen.length > 0, { what: "the first frame", everyMs: 5 });
    topic.append("later");
    expect({ seen, position: follower.subscription.position }).toEqual({
      seen: ["e1-1"],
      position: null,
    });
    release();
    await waitFor(() => seen.length > 1, { what: "the second frame", everyMs: 5 });
    expect(follower.subscription.position).toBe("e1-1");
    follower.subscription.close();
    release();
    await follower.subscription.done;
    expect({ seen, position: follower.subscription.position }).toEqual({
      seen: ids(1, 2),
      position: "e1-2",
    });
  });

  it("ends with what the caller's function throws, and does not count that frame", async () => {
    const { topic, url } = await startTopic();
    for (let i = 0; i < 3; i++) topic.append(i);
    const follower = follow(url, {
      transport,
      since: "all",
      onFrame: ({ id }) => {
        if (id === "e1-2") throw new Error("my fault");
      },
    });
    expect((await follower.error()).message).toContain("my fault");
    expect(follower.subscription.position).toBe("e1-1");
  });

  it("leaves no connection when it is closed", async () => {
    const { topic, url } = await startTopic();
    const abort = new AbortController();
    const follower = follow(url, { transport, signal: abort.signal });
    await waitFor(() => topic.subs.size === 1, { what: "a connection", everyMs: 5 });
    abort.abort();
    await follower.subscription.done;
    await waitFor(() => topic.subs.size === 0, { what: "its end", everyMs: 5 });
    expect(follower.subscription.state).toEqual({ kind: "closed" });
  });
});

describe.each(["ws", "sse", "ndjson"] as const)("a stream over %s", (transport) => {
  it("asks again for a frame that is missing", async () => {
    const { topic, url } = await startTopic();
    topic.faults.push("hole");
    const follower = follow(url, { transport, since: "all" });
    await follower.isOpen();
    for (let i = 0; i < 5; i++) topic.append(i);
    await follower.has(5);
    expect({ ids: idsOf(follower), gaps: follower.gaps }).toEqual({ ids: ids(1, 5), gaps: [] });
  });

  it("tells a hole that no connection fills", async () => {
    const { topic, url } = await startTopic();
    for (let i = 0; i < 5; i++) topic.append(i);
    topic.log[2] = { ...topic.log[1] } as never;
    const follower = follow(url, { transport, since: "all" });
    await follower.has(4);
    expect(idsOf(follower)).toEqual(["e1-1", "e1-2", "e1-4", "e1-5"]);
    expect(follower.gaps).toEqual([{ from: "e1-3", to: "e1-3", isAnnounced: false }]);
  });

  it("tells that the log has begun anew when the server does not", async () => {
    const { topic, url } = await startTopic();
    topic.append(1);
    const follower = follow(url, { transport, since: "all" });
    await follower.has(1);
    await waitFor(() => topic.subs.size === 1, { what: "a connection", everyMs: 5 });
    topic.restart("e2");
    topic.append(2);
    await follower.has(2);
    expect(follower.gaps).toEqual([{ from: "e1-1", to: "e2-1", isAnnounced: false }]);
  });

  it("goes back with a log that has lost its end, and tells it", async () => {
    const { topic, url } = await startTopic();
    for (let i = 1; i <= 4; i++) topic.append(i);
    const follower = follow(url, { transport, since: "all" });
    await follower.has(4);
    topic.restart("e1", 2);
    for (const sub of topic.subs) sub.end(4409, "renew");
    await waitFor(() => follower.gaps.length > 0, { what: "a gap", everyMs: 5 });
    topic.append("another third");
    await follower.has(5);
    expect(follower.gaps).toEqual([{ from: "e1-4", to: "e1-2", isAnnounced: true }]);
    expect(follower.frames.at(-1)).toMatchObject({ id: "e1-3", data: "another third" });
  });

  it("opens a stream again that is renewed or was too slow", async () => {
    const { topic, url } = await startTopic();
    const follower = follow(url, { transport, token: "key", slow: "disconnect" });
    for (const [times, code] of [4409, 4408, 4410].entries()) {
      await follower.isOpen(times + 1);
      await waitFor(() => topic.subs.size === 1, { what: "a connection", everyMs: 5 });
      for (const sub of topic.subs) sub.end(code, "why");
      topic.append(code);
      await follower.has(times + 1);
    }
    expect(idsOf(follower)).toEqual(ids(1, 3));
    expect(
      topic.asked.every(({ url: { searchParams } }) => searchParams.get("slow") === "disconnect"),
    ).toBe(true);
  });

  it("says what to do when a token that cannot be renewed has expired", async () => {
    const { topic, url } = await startTopic();
    const follower = follow(url, { transport, token: "jwt" });
    await waitFor(() => topic.subs.size === 1, { what: "a connection", everyMs: 5 });
    for (const sub of topic.subs) sub.end(4401, "token_expired");
    expect((await follower.error()).message).toMatch(/4401 token_expired.*Give a function/);
  });

  it("leaves a connection that has gone silent", async () => {
    const { topic, url } = await startTopic();
    topic.faults.push("mute");
    const timing = { openMs: 60, silenceMs: 100, pingMs: 20, pongMs: 60 };
    const follower = follow(url, { transport, since: "all", timing });
    topic.append("one");
    await follower.has(1);
    expect(idsOf(follower)).toEqual(["e1-1"]);
  });
});

describe.each(["sse", "ndjson"] as const)("a stream over %s", (transport) => {
  it("leaves a connection that brings no heartbeat any more", async () => {
    const { topic, url } = await startTopic();
    topic.heartbeatMs = 60_000;
    const follower = follow(url, { transport, timing: { silenceMs: 50 } });
    await follower.isOpen(3);
    expect(topic.asked.slice(0, 3).map(({ since }) => since)).toEqual([null, "e1-0", "e1-0"]);
  });
});

describe("a WebSocket", () => {
  it("lives by pings, and acknowledges what has been read", async () => {
    const { topic, url } = await startTopic();
    const follower = follow(url, { transport: "ws", since: "all" });
    await follower.isOpen();
    await waitFor(() => topic.heard.includes("ping"), { what: "a ping", everyMs: 5 });
    const text = "가".repeat(50_000);
    for (let i = 0; i < 7; i++) topic.append(text);
    await follower.has(7);
    const acks = () => topic.heard.filter((one) => one.startsWith("ack "));
    await waitFor(() => acks().length >= 2, { what: "acknowledgements", everyMs: 5 });
    const sizeOf = (value: unknown) => JSON.stringify(value).length;
    const ready = sizeOf({ ...topic.log[0], id: "e1-0", event: "ready", data: null });
    const frame = sizeOf(topic.log[0]);
    // Each after at least 128 Ki units, of which a frame has 50,000.
    expect(acks()).toEqual([`ack ${ready + 3 * frame}`, `ack ${ready + 6 * frame}`]);
    expect(follower.states.filter(({ kind }) => kind === "open")).toHaveLength(1);
  });
});

describe("the transport that is taken by itself", () => {
  it("is a WebSocket where there is one, also after the server was away", async () => {
    const { topic, url } = await startTopic();
    topic.faults.push("cut", "cut", "cut", "cut", "cut", "cut");
    const follower = follow(url);
    await follower.isOpen();
    expect(follower.subscription.state).toEqual({ kind: "open", transport: "ws" });
  });

  it("is Server-Sent Events where no WebSocket comes through", async () => {
    const { topic, url } = await startTopic();
    topic.hasSockets = false;
    topic.append("one");
    const follower = follow(url, { since: "all" });
    await follower.has(1);
    expect(follower.subscription.state).toEqual({ kind: "open", transport: "sse" });
  });

  it("is long polls where streams are held back", async () => {
    const { topic, url } = await startTopic();
    topic.hasSockets = false;
    topic.append("one");
    // The first two are of the question why there is no WebSocket.
    topic.faults.push({ status: 426 }, { status: 426 }, "mute", "mute");
    const follower = follow(url, { since: "all", timing: { openMs: 80 } });
    await follower.has(1);
    expect(follower.subscription.state).toEqual({ kind: "open", transport: "poll" });
  });
});

describe("a stream by its path", () => {
  it("takes ids as cursors: nothing is dropped or missed by them", async () => {
    const { topic, url } = await startTopic();
    const follower = follow(url, { path: "/api/v1/sources/src_1/sse" });
    await follower.isOpen();
    await waitFor(() => follower.subscription.position === "e1-0", { what: "its start" });
    const at = "";
    for (const sub of topic.subs) {
      sub.send([5, 5, 9].map((seq) => ({ id: `e1-${seq}`, event: "delivery", data: seq, at })));
    }
    await follower.has(3);
    for (const sub of topic.subs) sub.cut();
    await follower.isOpen(2);
    expect(topic.asked.map(({ since, transport }) => [since, transport])).toEqual([
      [null, "sse"],
      ["e1-9", "sse"],
    ]);
  });

  it.each([
    ["another host", { path: "//evil.example/live" }],
    ["no slash", { path: "live" }],
    ["both", { path: "/live", channel: "a" }],
    ["a transport that is none", { path: "/live", transport: "carrier pigeon" as TransportName }],
    ["an address that is none", { path: "/live", url: "ftp://host" }],
  ])("is refused with %s", (_, more) => {
    expect(() => follow("http://localhost", more as object)).toThrow(TypeError);
  });
});

describe("the iterator", () => {
  it("gives frames and gaps in order, and leaves nothing behind", async () => {
    const { topic, url } = await startTopic();
    for (let i = 0; i < 5; i++) topic.append(i);
    topic.forgotten = 2;
    const got: unknown[] = [];
    for await (const item of iterate({ url, channel: "orders", since: "e1-1", timing: FAST })) {
      got.push("gap" in item ? item.gap.to : item.id);
      if (got.length === 3) break;
    }
    expect(got).toEqual(["e1-2", "e1-3", "e1-4"]);
    await waitFor(() => topic.subs.size === 0, { what: "its end", everyMs: 5 });
  });

  it("throws a refusal, and ends with its signal", async () => {
    const { topic, url } = await startTopic();
    topic.faults.push({ status: 403, detail: "Scope missing." });
    const refused = iterate({ url, channel: "orders", transport: "sse", timing: FAST });
    await expect(refused.next()).rejects.toThrow("Scope missing.");
    const abort = new AbortController();
    const options = { url, channel: "orders", signal: abort.signal, timing: FAST };
    const ended = iterate(options).next();
    await waitFor(() => topic.subs.size === 1, { what: "a connection", everyMs: 5 });
    abort.abort();
    expect(await ended).toEqual({ done: true, value: undefined });
  });
});

it("200 random cuts over 20 subscribers on four transports: none lost, none doubled, none reordered", async () => {
  const { topic, url } = await startTopic();
  const random = seeded(200_611);
  topic.pieceBytes = 61;
  const followers = Array.from({ length: 20 }, (_, i) =>
    follow(url, { transport: ALL[i % 4], since: "all", timing: { maxRetryMs: 8 } }),
  );
  let at = 0;
  const append = () => {
    for (let i = Math.floor(random() * 4); i >= 0; i--) {
      topic.append({ at: ++at, text: "x".repeat(random() * 300) });
    }
  };
  for (let cut = 0; cut < 200; cut++) {
    const transport = ALL[cut % ALL.length];
    append();
    const open = await waitFor(
      () => {
        const subs = [...topic.subs].filter((sub) => sub.transport === transport);
        return subs.length > 0 && subs;
      },
      { what: `a subscriber over ${transport}`, everyMs: 1 },
    );
    const chosen = open[Math.floor(random() * open.length)];
    if (random() < 0.5 || transport === "poll") chosen?.cut();
    else chosen?.end(random() < 0.5 ? 4409 : 4408, "cut");
    if (random() < 0.5) append();
  }
  await Promise.all(followers.map((follower) => follower.has(at)));
  for (const follower of followers) {
    expect(follower.gaps).toEqual([]);
    expect(idsOf(follower)).toEqual(ids(1, at));
  }
});

it("a poll from now on knows where that is before it waits", async () => {
  const { topic, url } = await startTopic();
  topic.heartbeatMs = 60_000;
  const follower = follow(url, { transport: "poll" });
  await waitFor(() => follower.subscription.position !== null, { what: "its position" });
  topic.append("while nobody was asking");
  await follower.has(1);
  expect(idsOf(follower)).toEqual(["e1-1"]);
});
