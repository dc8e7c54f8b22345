import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ChatContext } from "../../src/chat/index.ts";
import { createDirect, createGroup, listMessages, userTopic } from "../../src/chat/index.ts";
import { Connection } from "../../src/chat-socket/connection.ts";
import {
  FRAME_TIMEOUT_MS,
  MAX_CALLS,
  MAX_WAITING_FRAMES,
  SEND_RATE,
} from "../../src/chat-socket/constants.ts";
import { events } from "../../src/db/schema/events.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  type Chat,
  Client,
  CutChannels,
  connect,
  contents,
  contextOf,
  listen,
  makeChat,
  settled,
} from "./chat-socket-support.ts";
import { bindings, control, type Json, shard } from "./support.ts";

let chat: Chat;
beforeAll(async () => {
  chat = await makeChat("chat-frames");
});

async function direct(a: string, b: string): Promise<string> {
  return (await createDirect(contextOf(chat, a), { userId: b })).conversationId;
}

const send = (conversationId: string, content: string, tempMessageId: unknown = content) => ({
  action: "send-message",
  tempMessageId,
  conversationId,
  content,
});

const stored = async (user: string, conversationId: string) => {
  const messages = await listMessages(contextOf(chat, user), { conversationId, limit: 100 });
  return messages.map(({ content }) => content).toReversed();
};

/** The database, whose batches wait or fail as it is told. */
class SlowDb {
  isDown = false;
  isStuck = false;
  waiting: (() => void)[] = [];
  readonly db: ChatContext["db"] = Object.assign(Object.create(control), {
    batch: async (queries: Parameters<typeof control.batch>[0]) => {
      if (this.isDown) throw new Error("D1_ERROR: secret words");
      if (this.isStuck) await new Promise<void>((resolve) => this.waiting.push(resolve));
      return control.batch(queries);
    },
  });

  goOn(): void {
    this.isStuck = false;
    for (const go of this.waiting.splice(0)) go();
  }
}

describe("send-message", () => {
  it("of version 1 is told to all connections of all, the sender's too, with its tempMessageId; nothing else", async () => {
    const conversationId = await direct("ann", "bob");
    const clients = await Promise.all(
      ["ann", "ann", "bob", "bob"].map((user) => connect(chat, user, { version: 1 })),
    );
    const tempMessageId = { any: ["json", 1] };
    clients[0]?.send({ ...send(conversationId, "hello", tempMessageId), jwt: "ignored" });
    for (const client of clients) {
      expect(await client.frame("new-message")).toEqual({
        type: "new-message",
        messageId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/),
        tempMessageId,
        conversationId,
        senderId: "ann",
        content: "hello",
        sentAt: expect.stringMatching(/T.*\.\d{3}Z$/),
      });
    }
    clients[2]?.send({ action: "read-messages", conversationId });
    for (const client of clients.slice(2)) {
      expect(await client.frame("read-messages")).toEqual({
        type: "read-messages",
        conversationId,
        userId: "bob",
      });
    }
    expect(clients.map(({ frames }) => frames.length)).toEqual([1, 1, 2, 2]);
    for (const client of clients) client.close();
  });

  it("of version 2 is acknowledged; a repeat gives the first one's answer and is told once", async () => {
    const conversationId = await direct("cat", "dan");
    const client = await listen(chat, "cat");
    client.send(send(conversationId, "hello", "t1"));
    const ack = await client.frame("ack");
    expect(ack).toEqual({
      type: "ack",
      tempMessageId: "t1",
      conversationId,
      messageId: expect.any(String),
      sentAt: expect.stringMatching(/Z$/),
      seq: expect.any(Number),
    });
    client.send(send(conversationId, "hello", "t1"));
    expect(await client.frame("ack", 2)).toEqual(ack);
    client.send(send(conversationId, "again", "t2"));
    await client.frame("ack", 3);
    await waitFor(() => contents(client).includes("again"), { what: "the second message" });
    expect(contents(client)).toEqual(["hello", "again"]);
    expect(client.of("new-message")[0]).toMatchObject({ messageId: ack.messageId, seq: ack.seq });
    client.close();
  });

  it("those of one connection keep their order, and are done although their client has gone", async () => {
    const conversationId = await direct("eve", "fred");
    const [eve, fred] = [await listen(chat, "eve"), await listen(chat, "fred")];
    const texts = Array.from({ length: 60 }, (_, i) => `text ${i}`);
    for (const text of texts) eve.send(send(conversationId, text));
    await eve.frame("ack", 20);
    eve.close();
    await waitFor(() => contents(fred).length === texts.length, { what: "all messages" });
    expect(contents(fred)).toEqual(texts);
    expect(await stored("fred", conversationId)).toEqual(texts);
    const acked = eve.of("ack").map(({ tempMessageId }) => tempMessageId);
    expect(acked).toEqual(texts.slice(0, acked.length));
    fred.close();
  });

  it.each([1, 2] as const)("of version %i: what cannot be done is said", async (version) => {
    const conversationId = await direct("gina", "hugo");
    const client = await connect(chat, "ivan", { version });
    client.send(send(conversationId, "let me in", "a"));
    client.send(send("no such id", "hi", "b"));
    const longest = version === 1 ? 1_000 : 10_000;
    client.send(send(conversationId, "x".repeat(longest + 1), "c"));
    await client.frame("error", 3);
    const errors = client.of("error").map(({ message: _, ...error }) => error);
    const about = { type: "error", action: "send-message" };
    expect(errors).toEqual([
      { ...about, code: "conversation_not_found", tempMessageId: "a" },
      { ...about, code: "conversation_not_found", tempMessageId: "b" },
      { ...about, code: "content_too_long", tempMessageId: "c" },
    ]);
    expect(await stored("gina", conversationId)).toEqual([]);
    client.close();
  });

  it.each([1, 2] as const)(
    "of version %i whose database fails is answered, and can be repeated",
    async (version) => {
      const lines: string[] = [];
      const spy = vi
        .spyOn(console, "log")
        .mockImplementation((line) => void lines.push(String(line)));
      const slow = new SlowDb();
      try {
        const conversationId = await direct("jack", `kate${version}`);
        const client = await connect(chat, "jack", { version, db: slow.db });
        if (version === 2) client.send({ action: "resume" });
        slow.isDown = true;
        client.send(send(conversationId, "my message", "t1"));
        expect(await client.frame("error")).toEqual({
          type: "error",
          code: "unavailable",
          message: expect.stringContaining("send it again"),
          action: "send-message",
          tempMessageId: "t1",
          retryAfterSeconds: 1,
        });
        slow.isDown = false;
        client.send(send(conversationId, "my message", "t1"));
        await client.frame("new-message");
        client.close();
        expect(lines.join("\n")).toContain("chat_frame_failed");
        expect(lines.join("\n")).not.toContain("my message");
      } finally {
        spy.mockRestore();
      }
    },
  );

  it("while channels cannot be reached is stored and acknowledged without a number", async () => {
    const conversationId = await direct("lena", "moe");
    const faulty = new CutChannels();
    const client = await connect(chat, "lena", { channels: faulty.channels });
    const down = vi.spyOn(console, "log").mockImplementation(() => {});
    faulty.isDeaf = true;
    client.send(send(conversationId, "later"));
    expect(await client.frame("ack")).toMatchObject({ tempMessageId: "later", seq: null });
    expect(await stored("moe", conversationId)).toEqual(["later"]);
    client.close();
    down.mockRestore();
  });

  it("more than a user may send is refused with the time to wait; what cannot be counted is not", async () => {
    const conversationId = await direct("nora", "otto");
    const asked: unknown[] = [];
    let taken: "refused" | "failed" = "refused";
    const rateLimits = {
      getByName: (key: string) => ({
        take: async (rate: unknown) => {
          asked.push(key, rate);
          if (taken === "failed") throw new Error("down");
          return { allowed: false, remaining: 0, resetAt: 0, retryAfterMs: 2_100 };
        },
      }),
    };
    const client = await connect(chat, "nora", { rateLimits });
    client.send(send(conversationId, "too many"));
    expect(await client.frame("error")).toMatchObject({
      code: "rate_limited",
      tempMessageId: "too many",
      retryAfterSeconds: 3,
    });
    expect(asked).toEqual([`chat:sends:${chat.organizationId}:nora`, SEND_RATE]);
    taken = "failed";
    client.send(send(conversationId, "uncounted"));
    await client.frame("ack");
    client.close();
  });
});

describe("other frames of version 2", () => {
  it("edit, delete and read: an ack for who asks, a push for all", async () => {
    const conversationId = await direct("pat", "quinn");
    const [pat, quinn] = [await listen(chat, "pat"), await listen(chat, "quinn")];
    pat.send(send(conversationId, "first", "t1"));
    const { messageId } = await pat.frame("ack");
    pat.send({
      action: "edit-message",
      conversationId,
      messageId,
      content: "second",
      tempMessageId: "e",
    });
    expect(await pat.frame("ack", 2)).toEqual({
      type: "ack",
      action: "edit-message",
      tempMessageId: "e",
      conversationId,
      messageId,
      editedAt: expect.any(String),
      seq: expect.any(Number),
    });
    expect(await quinn.frame("message-edited")).toMatchObject({ messageId, content: "second" });
    quinn.send({ action: "edit-message", conversationId, messageId, content: "mine" });
    expect(await quinn.frame("error")).toMatchObject({
      code: "not_allowed",
      action: "edit-message",
    });
    quinn.send({ action: "read-messages", conversationId, messageId });
    expect(await quinn.frame("ack")).toMatchObject({ action: "read-messages", messageId });
    expect(await pat.frame("read-messages")).toMatchObject({ userId: "quinn", messageId });
    pat.send({ action: "delete-message", conversationId, messageId });
    expect(await pat.frame("ack", 3)).toMatchObject({ action: "delete-message", messageId });
    await quinn.frame("message-deleted");
    const seqs = quinn.frames.map(({ seq }) => seq).filter((seq) => seq !== undefined);
    expect(seqs).toEqual(seqs.toSorted((a, b) => Number(a) - Number(b)));
    pat.close();
    quinn.close();
  });

  it("typing is told once a second and as it is in the end; and is over when its user goes", async () => {
    const made = await createGroup(contextOf(chat, "rob"), { userIds: ["sue", "tom"], title: "g" });
    const { conversationId } = made;
    const [rob, sue] = [await listen(chat, "rob"), await listen(chat, "sue")];
    const old = await connect(chat, "tom", { version: 1 });
    const type = (isTyping: boolean) => rob.send({ action: "typing", conversationId, isTyping });
    for (let n = 0; n < 10; n++) type(true);
    type(false);
    type(true);
    await sue.frame("typing", 2);
    rob.close();
    expect(await sue.frame("typing", 3)).toEqual({
      type: "typing",
      conversationId,
      userId: "rob",
      isTyping: false,
    });
    expect(sue.of("typing").map(({ isTyping }) => isTyping)).toEqual([true, true, false]);
    expect(old.of("typing")).toEqual([]);
    const stranger = await connect(chat, "ulf");
    stranger.send({ action: "typing", conversationId, isTyping: true });
    expect(await stranger.frame("error")).toMatchObject({
      code: "conversation_not_found",
      action: "typing",
    });
    for (const client of [sue, old, stranger]) client.close();
  });
});

describe("an end while frames are under way", () => {
  it("the one that is under way is answered, those behind it are answered as not done", async () => {
    const conversationId = await direct("vera", "will");
    const slow = new SlowDb();
    const client = await connect(chat, "vera", { db: slow.db, expiresAt: Date.now() + 400 });
    slow.isStuck = true;
    client.send(send(conversationId, "under way"));
    await waitFor(() => slow.waiting.length > 0, { what: "the database to be asked" });
    client.send(send(conversationId, "waits"));
    expect(await client.frame("error")).toMatchObject({
      code: "token_expired",
      tempMessageId: "waits",
    });
    client.send(send(conversationId, "late"));
    expect(await client.frame("error", 2)).toMatchObject({
      code: "token_expired",
      tempMessageId: "late",
    });
    expect(client.closed).toBeNull();
    slow.goOn();
    expect(await client.ended()).toEqual({ code: 4401, reason: "token_expired" });
    expect(client.of("ack")).toMatchObject([{ tempMessageId: "under way" }]);
    expect(await stored("will", conversationId)).toEqual(["under way"]);
  });

  it("no push comes once the token has ended", async () => {
    const conversationId = await direct("xena", "yves");
    const slow = new SlowDb();
    const client = await listen(chat, "xena", { db: slow.db, expiresAt: Date.now() + 400 });
    slow.isStuck = true;
    client.send(send(conversationId, "mine"));
    await waitFor(() => slow.waiting.length > 0, { what: "the database to be asked" });
    client.send({ action: "heartbeat" });
    client.send(send(conversationId, "waits"));
    await client.frame("error");
    const yves = await connect(chat, "yves");
    yves.send(send(conversationId, "secret"));
    await yves.frame("ack");
    slow.goOn();
    await client.ended();
    expect(contents(client)).toEqual([]);
    yves.close();
  });

  it("more than may wait is refused, each with its id", async () => {
    const conversationId = await direct("zoe", "abe");
    const slow = new SlowDb();
    const client = await connect(chat, "zoe", { db: slow.db });
    slow.isStuck = true;
    for (let n = 0; n < MAX_WAITING_FRAMES + 3; n++) {
      client.send({
        action: "delete-message",
        conversationId,
        messageId: "none",
        tempMessageId: `t${n}`,
      });
    }
    await client.frame("error", 2);
    expect(client.of("error").map(({ code, tempMessageId }) => [code, tempMessageId])).toEqual([
      ["rate_limited", `t${MAX_WAITING_FRAMES + 1}`],
      ["rate_limited", `t${MAX_WAITING_FRAMES + 2}`],
    ]);
    slow.goOn();
    await client.frame("error", MAX_WAITING_FRAMES + 3);
    client.close();
  });

  it("a frame that takes too long is answered, and the next one has its turn", async () => {
    const conversationId = await direct("bea", "cid");
    const slow = new SlowDb();
    const client = await connect(chat, "bea", { db: slow.db });
    const spy = vi.spyOn(console, "log").mockImplementation(() => {});
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      slow.isStuck = true;
      client.send(send(conversationId, "stuck"));
      while (slow.waiting.length === 0) await scheduler.wait(1);
      slow.isStuck = false;
      client.send(send(conversationId, "next"));
      await vi.advanceTimersByTimeAsync(FRAME_TIMEOUT_MS);
      while (client.of("ack").length === 0) await scheduler.wait(1);
    } finally {
      vi.useRealTimers();
      spy.mockRestore();
    }
    expect(client.of("error")).toMatchObject([{ code: "unavailable", tempMessageId: "stuck" }]);
    expect(client.of("ack")).toMatchObject([{ tempMessageId: "next" }]);
    slow.goOn();
    client.send(send(conversationId, "stuck"));
    await client.frame("ack", 2);
    expect((await stored("cid", conversationId)).toSorted()).toEqual(["next", "stuck"]);
    client.close();
  });
});

describe("a client that has gone without a word", () => {
  const notices = async (user: string) => {
    const rows = await shard.select().from(events);
    const bodies = rows
      .filter(({ path }) => path === "/chat/offline")
      .map(({ body }) => JSON.parse(new TextDecoder().decode(body ?? new Uint8Array())) as Json);
    return bodies.filter(({ userId }) => userId === user).map(({ content }) => content);
  };
  it.each(["nobody", "another connection"])(
    "had notices of what it was sent, if %s is left",
    async (left) => {
      const user = `dead-${left.length}`;
      const conversationId = await direct("alive", user);
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
      let other: Client | undefined;
      try {
        const dead = await connect(chat, user, { query: "&after=0" });
        if (left !== "nobody") other = await connect(chat, user, { version: 1 });
        const alive = await connect(chat, "alive");
        alive.send(send(conversationId, "heard"));
        while (contents(dead).length < 1) await scheduler.wait(1);
        await vi.advanceTimersByTimeAsync(1_000);
        dead.send({ action: "heartbeat" });
        while (dead.of("heartbeat").length < 1) await scheduler.wait(1);
        await vi.advanceTimersByTimeAsync(1_000);
        alive.send(send(conversationId, "unheard"));
        while (contents(dead).length < 2) await scheduler.wait(1);
        await vi.advanceTimersByTimeAsync(90_000);
        while (!dead.closed) await scheduler.wait(1);
        expect(dead.closed.reason).toBe("idle");
      } finally {
        vi.useRealTimers();
      }
      await settled();
      expect(await notices(user)).toEqual(left === "nobody" ? ["unheard"] : []);
      other?.close();
    },
  );
});

it("a connection that has asked as much as one request may is renewed", async () => {
  const { 0: near, 1: far } = new WebSocketPair();
  const connection = new Connection<{ action: string }>(contextOf(chat, "busy"), {
    waitUntil: () => {},
  });
  const topic = userTopic(chat.organizationId, "busy");
  connection.start(far, {
    grammar: { shapes: {}, isStrict: true },
    idleMs: 60_000,
    handleAtOnce: () => false,
    handle: async () => null,
    onOver: () => {},
    windUp: async () => {},
  });
  const client = new Client(new Response(null, { status: 101, webSocket: near }));
  for (let n = 0; n <= MAX_CALLS; n++) connection.ctx.channels.getByName(topic);
  expect(await client.ended()).toEqual({ code: 4409, reason: "renew" });
  expect(bindings.CHANNEL).not.toBe(connection.ctx.channels);
});

it("what goes on after requests settles", async () => {
  expect((await settled()).filter(({ status }) => status === "rejected")).toEqual<Json[]>([]);
});
