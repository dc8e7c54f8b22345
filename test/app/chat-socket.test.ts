import { beforeAll, describe, expect, it, vi } from "vitest";
import { MAX_CONNECTIONS, MAX_UNHEARD_CHARS } from "../../src/chat-socket/constants.ts";
import { refuseSocket } from "../../src/chat-socket/index.ts";
import { BatonError } from "../../src/errors.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  type Chat,
  Client,
  CutChannels,
  chatSockets,
  connect,
  contents,
  listen,
  makeChat,
  message,
  open,
  publish,
  settled,
} from "./chat-socket-support.ts";
import { bindings } from "./support.ts";

let chat: Chat;
beforeAll(async () => {
  chat = await makeChat("chat-socket");
});

const upTo = (n: number) => Array.from({ length: n }, (_, i) => `message ${i + 1}`);

describe("version 1", () => {
  it("is told everything from connect on, in frames of exactly the contract's keys", async () => {
    const client = await connect(chat, "one", { version: 1 });
    const read = { type: "read-messages", conversationId: "c", messageId: "m1", readAt: "x" };
    await publish(chat, "one", [
      message(1),
      { type: "message-edited", conversationId: "c", messageId: "m1", content: "no" },
      { ...read, userId: "other" },
      { ...read, userId: "one" },
    ]);
    await client.frame("read-messages");
    expect(client.frames).toEqual([
      message(1),
      { type: "read-messages", conversationId: "c", userId: "one" },
    ]);
    client.close();
  });

  it("a heartbeat is not answered; what cannot be routed is Forbidden, and the socket stays open", async () => {
    const client = await connect(chat, "forbidden", { version: 1 });
    client.send({ action: "heartbeat" });
    client.send("no json");
    client.send({ action: "send_message" });
    client.sendBytes(new Uint8Array([1]));
    await waitFor(() => client.frames.length === 3, { what: "three answers" });
    for (const frame of client.frames) {
      expect(frame).toEqual({
        message: "Forbidden",
        connectionId: expect.any(String),
        requestId: expect.any(String),
      });
    }
    client.send({ action: "send-message", tempMessageId: "t", conversationId: "c" });
    expect(await client.frame("error")).toEqual({
      type: "error",
      code: "missing_field",
      message: "Missing 'content' in the frame.",
      action: "send-message",
      tempMessageId: "t",
    });
    expect(client.closed).toBeNull();
    client.close();
  });

  it("is not shown a message twice that was published twice", async () => {
    const client = await connect(chat, "twice", { version: 1 });
    await publish(chat, "twice", [message(1), message(1), message(2), message(1)]);
    await waitFor(() => contents(client).includes("message 2"), { what: "the second message" });
    await publish(chat, "twice", [message(3)]);
    await client.frame("new-message", 3);
    expect(contents(client)).toEqual(upTo(3));
    client.close();
  });
});

describe("several connections of a user", () => {
  it("all are told, whichever sent and whichever came last (W1)", async () => {
    const clients = [
      await connect(chat, "w1", { version: 1 }),
      await listen(chat, "w1"),
      await connect(chat, "w1", { version: 1 }),
    ];
    await publish(chat, "w1", [message(1)]);
    for (const client of clients) {
      expect(await client.frame("new-message")).toMatchObject(message(1));
      client.close();
    }
  });

  it("closing the older one never deafens the newer (W2)", async () => {
    const older = await connect(chat, "w2", { version: 1 });
    const newer = await connect(chat, "w2", { version: 1 });
    older.close();
    await waitFor(async () => (await chatSockets(chat, "w2")) === 1, { what: "one socket" });
    await publish(chat, "w2", [message(1)]);
    await newer.frame("new-message");
    expect(contents(older)).toEqual([]);
    newer.close();
  });

  it("one more than there may be closes the oldest, with a reason", async () => {
    const clients: Client[] = [];
    for (let n = 0; n < MAX_CONNECTIONS + 2; n++) clients.push(await listen(chat, "many"));
    const [first, second, third] = clients;
    const tooMany = { code: 4429, reason: "too_many_connections" };
    expect([await first?.ended(), await second?.ended(), third?.closed]).toEqual([
      tooMany,
      tooMany,
      null,
    ]);
    await publish(chat, "many", [message(1)]);
    for (const client of clients.slice(2)) await client.frame("new-message");
    expect(await chatSockets(chat, "many")).toBe(MAX_CONNECTIONS);
    for (const client of clients.slice(2)) client.close();
  });
});

describe("version 2", () => {
  it("is told where it is, and nothing before it asks", async () => {
    await publish(chat, "two", [message(1)]);
    const expiresAt = Date.now() + 60_000;
    const client = await connect(chat, "two", { expiresAt });
    const ready = await client.frame("ready");
    expect(ready).toEqual({
      type: "ready",
      userId: "two",
      epoch: expect.stringMatching(/^[0-9a-z]+$/),
      seq: 1,
      expiresAt: new Date(expiresAt).toISOString(),
      limits: expect.objectContaining({ frameBytes: 32_768, contentChars: 10_000 }),
    });
    await publish(chat, "two", [message(2)]);
    client.send({ action: "heartbeat" });
    await client.frame("heartbeat");
    expect(client.frames.map(({ type }) => type)).toEqual(["ready", "heartbeat"]);
    client.send({ action: "resume", after: 0 });
    const { epoch } = ready;
    expect(await client.frame("resumed")).toEqual({
      type: "resumed",
      epoch,
      seq: 0,
      isComplete: true,
    });
    await publish(chat, "two", [message(3)]);
    await client.frame("new-message", 3);
    expect(client.of("new-message")).toEqual([
      { ...message(1), seq: 1 },
      { ...message(2), seq: 2 },
      { ...message(3), seq: 3 },
    ]);
    client.close();
  });

  it("resumes by its address, and again by a frame", async () => {
    await publish(chat, "address", [message(1), message(2)]);
    const client = await connect(chat, "address", { query: "&after=1" });
    await client.frame("new-message");
    expect(client.frames.map(({ type, seq }) => [type, seq])).toEqual([
      ["ready", 2],
      ["resumed", 1],
      ["new-message", 2],
    ]);
    client.send({ action: "resume", after: 0 });
    await client.frame("new-message", 3);
    expect(contents(client)).toEqual(["message 2", ...upTo(2)]);
    client.send({ action: "resume" });
    expect(await client.frame("resumed", 3)).toMatchObject({ seq: 2, isComplete: true });
    await publish(chat, "address", [message(3)]);
    await client.frame("new-message", 4);
    expect(contents(client).slice(3)).toEqual(["message 3"]);
    client.close();
  });

  it("says when something is missing: the log does not reach back so far, or is another one", async () => {
    const all = Array.from({ length: 1_050 }, (_, i) => message(i + 1));
    for (let at = 0; at < all.length; at += 100) {
      await publish(chat, "trimmed", all.slice(at, at + 100));
    }
    const trimmed = await connect(chat, "trimmed", { query: "&after=10" });
    expect(await trimmed.frame("resumed")).toMatchObject({ seq: 50, isComplete: false });
    await trimmed.frame("new-message", 1_000);
    expect(contents(trimmed)).toEqual(upTo(1_050).slice(50));
    trimmed.close();

    await publish(chat, "other-log", [message(1)]);
    const other = await connect(chat, "other-log", { query: "&after=1&epoch=gone" });
    const { epoch } = await other.frame("ready");
    expect(await other.frame("resumed")).toMatchObject({ epoch, seq: 0, isComplete: false });
    await other.frame("new-message");
    other.send({ action: "resume", after: 99 });
    expect(await other.frame("resumed", 2)).toMatchObject({ seq: 1, isComplete: false });
    other.close();
  });

  it("a field, action or parameter that there is not is answered by an error frame", async () => {
    const client = await connect(chat, "strict", { query: "&after=x&lang=ko" });
    await client.frame("error", 2);
    client.send({ action: "react", tempMessageId: "r" });
    client.send({ action: "heartbeat", seq: 1 });
    client.send({ action: "resume", epoch: "abc" });
    await client.frame("error", 5);
    expect(
      client.of("error").map(({ code, action, tempMessageId }) => [code, action, tempMessageId]),
    ).toEqual([
      ["unknown_field", undefined, undefined],
      ["invalid_field", undefined, undefined],
      ["unknown_action", "react", "r"],
      ["unknown_field", "heartbeat", undefined],
      ["missing_field", "resume", undefined],
    ]);
    expect(client.closed).toBeNull();
    client.close();
  });
});

describe("a lost bridge", () => {
  it.each([1, 2] as const)(
    "of version %i is opened again from the last number, silently",
    async (version) => {
      const user = `lost-${version}`;
      const faulty = new CutChannels();
      const client = await connect(chat, user, { version, channels: faulty.channels });
      if (version === 2) {
        client.send({ action: "resume" });
        await client.frame("resumed");
      }
      await publish(chat, user, [message(1)]);
      await client.frame("new-message");
      faulty.isDown = true;
      faulty.cut();
      await publish(chat, user, [message(2), message(3)]);
      faulty.isDown = false;
      await client.frame("new-message", 3);
      faulty.cut();
      await publish(chat, user, [message(4)]);
      await client.frame("new-message", 4);
      expect(contents(client)).toEqual(upTo(4));
      expect(client.of("resumed")).toHaveLength(version - 1);
      expect([client.closed, client.of("error")]).toEqual([null, []]);
      expect(faulty.opened).toBeGreaterThanOrEqual(3);
      client.close();
    },
  );

  it("whose log has forgotten what came meanwhile says so", async () => {
    const faulty = new CutChannels();
    const client = await listen(chat, "forgot", { channels: faulty.channels });
    faulty.isDown = true;
    faulty.cut();
    const all = Array.from({ length: 1_100 }, (_, i) => message(i + 1));
    for (let at = 0; at < all.length; at += 100) {
      await publish(chat, "forgot", all.slice(at, at + 100));
    }
    faulty.isDown = false;
    expect(await client.frame("resumed", 2)).toMatchObject({ seq: 100, isComplete: false });
    await client.frame("new-message", 1_000);
    expect(contents(client)).toEqual(upTo(1_100).slice(100));
    client.close();
  });

  it("that cannot be opened is no socket of version 1, and an error of version 2", async () => {
    const faulty = new CutChannels();
    faulty.isDown = true;
    const asked = { channels: faulty.channels };
    await expect(open(chat, "down", { ...asked, version: 1 })).rejects.toMatchObject({
      code: "unavailable",
    });
    const client = await connect(chat, "down", asked);
    client.send({ action: "resume" });
    expect(await client.frame("error")).toMatchObject({
      code: "unavailable",
      action: "resume",
      retryAfterSeconds: 1,
    });
    faulty.isDown = false;
    client.send({ action: "resume" });
    await client.frame("resumed");
    client.close();
  });
});

describe("nothing is left open", () => {
  const gone = (user: string) =>
    waitFor(async () => (await chatSockets(chat, user)) === 0, { what: "the sockets to go" });

  it("when a client closes, or its socket is lost", async () => {
    const client = await connect(chat, "leaves", { version: 1 });
    expect(await chatSockets(chat, "leaves")).toBe(1);
    client.close();
    await gone("leaves");
  });

  it("when a client goes while its socket is opened", async () => {
    for (const version of [1, 2] as const) {
      const leaving = new AbortController();
      const query = version === 2 ? "&after=0" : "";
      const opening = open(chat, "hasty", { version, query, signal: leaving.signal });
      leaving.abort();
      await opening;
    }
    const late = new AbortController();
    await open(chat, "hasty", { version: 1, signal: late.signal });
    expect(await chatSockets(chat, "hasty")).toBeGreaterThan(0);
    late.abort();
    await gone("hasty");
  });

  it("when its object is lost and comes back after the client has gone", async () => {
    const faulty = new CutChannels();
    const client = await listen(chat, "both", { channels: faulty.channels });
    faulty.cut();
    client.close();
    await settled();
    expect([await chatSockets(chat, "both"), faulty.opened]).toEqual([0, 1]);
  });
});

describe("an end has a reason", () => {
  it("4401 at the end of the token", async () => {
    const clients = await Promise.all([
      connect(chat, "expires", { version: 1, expiresAt: Date.now() + 300 }),
      listen(chat, "expires", { expiresAt: Date.now() + 300 }),
    ]);
    for (const client of clients) {
      expect(await client.ended()).toEqual({ code: 4401, reason: "token_expired" });
    }
    expect(await chatSockets(chat, "expires")).toBe(0);
    await expect(open(chat, "expires", { expiresAt: Date.now() - 1 })).rejects.toMatchObject({
      code: "token_expired",
    });
  });

  it("4408 when nothing is heard for 10 minutes of version 1, 90 s of version 2; 4409 after two hours", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    try {
      const expiresAt = Date.now() + 86_400_000;
      const first = await connect(chat, "idle", { version: 1, expiresAt });
      const second = await connect(chat, "idle", { expiresAt });
      const busy = await connect(chat, "idle", { expiresAt });
      const beat = async () => {
        const n = busy.of("heartbeat").length + 1;
        busy.send({ action: "heartbeat" });
        while (busy.of("heartbeat").length < n) await scheduler.wait(1);
      };
      await vi.advanceTimersByTimeAsync(89_000);
      await beat();
      await vi.advanceTimersByTimeAsync(1_001);
      while (!second.closed) await scheduler.wait(1);
      expect([first.closed, second.closed, busy.closed]).toEqual([
        null,
        { code: 4408, reason: "idle" },
        null,
      ]);
      for (let minute = 2; minute <= 10; minute++) {
        await vi.advanceTimersByTimeAsync(60_000);
        await beat();
      }
      while (!first.closed) await scheduler.wait(1);
      expect(first.closed).toEqual({ code: 4408, reason: "idle" });
      for (let minute = 11; minute <= 119; minute++) {
        await vi.advanceTimersByTimeAsync(60_000);
        await beat();
      }
      expect(busy.closed).toBeNull();
      await vi.advanceTimersByTimeAsync(60_000);
      while (!busy.closed) await scheduler.wait(1);
      expect(busy.closed).toEqual({ code: 4409, reason: "renew" });
    } finally {
      vi.useRealTimers();
    }
  });

  it("4429 of one who goes on when frames are refused; each of them is answered", async () => {
    const client = await connect(chat, "flood");
    for (let n = 0; n < 1_200; n++) client.send({ action: "heartbeat" });
    expect(await client.ended()).toEqual({ code: 4429, reason: "rate_limited" });
    const refused = client.of("error");
    expect(refused[0]).toMatchObject({
      code: "rate_limited",
      action: "heartbeat",
      retryAfterSeconds: 1,
    });
    expect(client.of("heartbeat").length).toBeGreaterThanOrEqual(200);
  });
});

it("a reader that nothing is heard of is sent so much, and the rest when it is heard of", async () => {
  const client = await connect(chat, "slow", { version: 1 });
  const content = "x".repeat(50_000);
  const all = Array.from({ length: 90 }, (_, i) => ({ ...message(i + 1), content }));
  for (let at = 0; at < all.length; at += 5) await publish(chat, "slow", all.slice(at, at + 5));
  const most = (MAX_UNHEARD_CHARS + 2 * 1024 * 1024) / content.length;
  await waitFor(() => client.of("new-message").length > 40, { what: "the first messages" });
  expect(client.of("new-message").length).toBeLessThanOrEqual(most);
  await waitFor(
    () => {
      client.send({ action: "heartbeat" });
      return client.of("new-message").length === all.length;
    },
    { what: "all messages" },
  );
  expect(client.of("new-message").map(({ messageId }) => messageId)).toEqual(
    all.map((_, i) => `m${i + 1}`),
  );
  client.close();
});

describe("a refused upgrade", () => {
  const request = (query: string, headers: Record<string, string> = { upgrade: "websocket" }) =>
    new Request(`http://localhost/chat/ws/?${query}`, { headers });

  it("of version 2 is a socket that is told why and closed", async () => {
    const refused = refuseSocket(
      request("v=2"),
      new BatonError("unauthorized", "This token has a wrong signature."),
    );
    if (!refused) throw new Error("there is no answer");
    const client = new Client(refused);
    expect(await client.ended()).toEqual({ code: 4401, reason: "unauthorized" });
    expect(client.frames).toEqual([
      { type: "error", code: "unauthorized", message: "This token has a wrong signature." },
    ]);
  });

  it("of version 1, and what is no upgrade, is answered over HTTP", async () => {
    const error = new BatonError("unauthorized", "no");
    expect(refuseSocket(request("v=1"), error)).toBeNull();
    expect(refuseSocket(request(""), error)).toBeNull();
    expect(refuseSocket(request("v=2", {}), error)).toBeNull();
  });

  it("a request that is no upgrade is 426", async () => {
    const { serveChatSocket } = await import("../../src/chat-socket/index.ts");
    const { contextOf } = await import("./chat-socket-support.ts");
    const execution = { waitUntil: () => {} };
    const answer = await serveChatSocket(contextOf(chat, "plain"), request("v=2", {}), execution);
    expect([answer.status, answer.headers.get("upgrade")]).toEqual([426, "websocket"]);
  });
});

it("no line of the log holds what a client sends", async () => {
  const lines: string[] = [];
  const spy = vi.spyOn(console, "log").mockImplementation((line) => void lines.push(String(line)));
  try {
    const faulty = new CutChannels();
    faulty.isDown = true;
    const client = await connect(chat, "quiet", {
      query: "&Authorization=top.secret.token",
      channels: faulty.channels,
      rateLimits: { getByName: () => ({ take: () => Promise.reject(new Error("down")) }) },
    });
    client.send({ action: "resume", after: 0 });
    client.send({
      action: "send-message",
      tempMessageId: "secret-id",
      conversationId: "none",
      content: "secret words",
    });
    await client.frame("error", 2);
    client.close();
    await settled();
  } finally {
    spy.mockRestore();
  }
  expect(lines.join("\n")).not.toMatch(/secret/);
  expect(bindings.LOG_LEVEL).toBe("error");
});
