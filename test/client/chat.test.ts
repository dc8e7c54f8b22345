import { afterEach, expect, it } from "vitest";
import {
  type Chat,
  type ChatHint,
  type ChatOptions,
  type ChatPush,
  ChatRefusal,
  type ChatState,
  openChat,
} from "../../src/client/index.ts";
import { waitFor } from "../support/wait-for.ts";
import { ChatServer } from "./chat-server.ts";
import { seeded } from "./chunks.ts";
import { FAST } from "./support.ts";

/*
 * The library's chat against a strict server that cuts, loses, refuses and forgets on demand.
 */
const servers = new Set<ChatServer>();
const chats = new Set<Chat>();

afterEach(async () => {
  for (const chat of chats) chat.close();
  chats.clear();
  const wrongs = [...servers].flatMap((server) => server.wrongs);
  for (const server of servers) await server.stop();
  servers.clear();
  if (wrongs.length > 0) throw new Error(`the server was spoken to wrongly: ${wrongs.join()}`);
});

async function startServer(): Promise<{ server: ChatServer; url: string }> {
  const server = new ChatServer();
  servers.add(server);
  return { server, url: await server.start() };
}

type Talk = Awaited<ReturnType<typeof talk>>;

/** A chat that is open, and all that it was told. */
async function talk(url: string, token: ChatOptions["token"], more: Partial<ChatOptions> = {}) {
  const told = begin(url, token, more);
  await told.isOpen();
  return told;
}

function begin(url: string, token: ChatOptions["token"], more: Partial<ChatOptions> = {}) {
  const pushes: ChatPush[] = [];
  const hints: ChatHint[] = [];
  const states: ChatState[] = [];
  const refusals: ChatRefusal[] = [];
  let gaps = 0;
  const chat = openChat({
    url,
    token,
    onPush: (push) => void pushes.push(push),
    onGap: () => void gaps++,
    onHint: (hint) => void hints.push(hint),
    onRefusal: (refusal) => void refusals.push(refusal),
    onState: (state) => void states.push(state),
    ...more,
    timing: { ...FAST, pingMs: 5000, ...more.timing },
  });
  chats.add(chat);
  const explain = () => JSON.stringify({ pushes: pushes.length, gaps, states: states.slice(-5) });
  return {
    chat,
    pushes,
    hints,
    states,
    refusals,
    gaps: () => gaps,
    texts: () => pushes.map((push) => (push.type === "new-message" ? push.content : push.type)),
    has: (count: number) =>
      waitFor(() => pushes.length >= count, { what: `${count} pushes`, everyMs: 5, explain }),
    isOpen: (times = 1) =>
      waitFor(() => states.filter(({ kind }) => kind === "open").length >= times, {
        what: `${times} connections`,
        everyMs: 5,
        explain,
      }),
  };
}

const send = ({ chat }: Talk, content: string, tempMessageId?: string) =>
  chat.send({ conversationId: "c1", content, ...(tempMessageId ? { tempMessageId } : {}) });

it("a message is confirmed, and is there once on every device", async () => {
  const { url } = await startServer();
  const [here, there, other] = await Promise.all([
    talk(url, "ann"),
    talk(url, "ann"),
    talk(url, "bob"),
  ]);
  const sent = await send(here, "안녕 <b>🙂</b>", "t1");
  expect(sent).toEqual({
    tempMessageId: "t1",
    conversationId: "c1",
    messageId: "m1",
    sentAt: "1970-01-01T00:00:00.000Z",
  });
  await Promise.all([here, there, other].map(({ has }) => has(1)));
  const { tempMessageId, ...stored } = sent;
  const push = {
    type: "new-message",
    ...stored,
    tempMessageId,
    senderId: "ann",
    content: "안녕 <b>🙂</b>",
  };
  for (const { pushes } of [here, there, other]) expect(pushes).toEqual([push]);
  expect(here.chat.state).toEqual({ kind: "open", userId: "ann" });
  expect(here.chat.position).toBe("e1-1");
});

it("what came while it was away is told once it is back, and is asked for by number", async () => {
  const { server, url } = await startServer();
  const bob = await talk(url, "bob");
  const ann = await talk(url, "ann");
  await send(ann, "one");
  await bob.has(1);
  server.cutAll();
  server.push("bob", { type: "conversation-renamed", conversationId: "c1", userId: "ann" });
  await bob.isOpen(2);
  await send(ann, "two");
  await bob.has(3);
  expect(bob.texts()).toEqual(["one", "conversation-renamed", "two"]);
  const resumes = server.heard.filter(({ user, action }) => user === "bob" && action === "resume");
  expect(resumes).toEqual([
    { action: "resume", user: "bob" },
    { action: "resume", user: "bob", after: 1, epoch: "e1" },
  ]);
  const { position } = bob.chat;
  bob.chat.close();
  await send(ann, "three");
  const later = await talk(url, "bob", { since: position ?? "" });
  await later.has(1);
  expect(later.texts()).toEqual(["three"]);
});

it("a message that was written without a connection, or whose answer was lost, is stored once", async () => {
  const { server, url } = await startServer();
  const ann = begin(url, "ann");
  const early = send(ann, "early");
  expect(await early).toMatchObject({ messageId: "m1" });
  server.fault("send-message", "lose");
  expect(await send(ann, "lost before")).toMatchObject({ messageId: "m2" });
  server.fault("send-message", "lose-answer");
  expect(await send(ann, "lost behind")).toMatchObject({ messageId: "m3" });
  await ann.has(3);
  expect(ann.texts()).toEqual(["early", "lost before", "lost behind"]);
  expect(server.stored.size).toBe(3);
});

it("the same id under way twice is one message", async () => {
  const { server, url } = await startServer();
  const ann = await talk(url, "ann");
  const [a, b] = await Promise.all([send(ann, "x", "same"), send(ann, "x", "same")]);
  expect([a, server.stored.size]).toEqual([b, 1]);
});

it("100 cuts between three talkers on two devices: nothing lost, doubled or out of order", async () => {
  const { server, url } = await startServer();
  const random = seeded(11);
  const users = ["ann", "bob", "cho"];
  const talks = await Promise.all(users.flatMap((user) => [talk(url, user), talk(url, user)]));
  let left = 100;
  const cutting = setInterval(() => {
    const sockets = [...server.connections];
    sockets[Math.floor(random() * sockets.length)]?.socket.destroy();
    if (--left <= 0) clearInterval(cutting);
  }, 7);
  const sent = talks.map(async (one, t) => {
    for (let batch = 0; batch < 20; batch++) {
      await Promise.all(Array.from({ length: 5 }, (_, i) => send(one, `${t} ${batch * 5 + i}`)));
    }
  });
  await Promise.all(sent);
  clearInterval(cutting);
  await Promise.all(talks.map(({ has }) => has(600)));
  const order = talks[0]?.texts() ?? [];
  expect(new Set(order).size).toBe(600);
  for (const { texts, gaps } of talks) expect([texts(), gaps()]).toEqual([order, 0]);
  talks.forEach((_, t) => {
    const own = order.filter((text) => text.startsWith(`${t} `));
    expect(own).toEqual(Array.from({ length: 100 }, (_unused, i) => `${t} ${i}`));
  });
});

it("a refusal rejects with its code; one that passes is tried again", async () => {
  const { server, url } = await startServer();
  const ann = await talk(url, "ann");
  server.fault("send-message", { code: "blocked", message: "They blocked you." });
  const error = await send(ann, "no").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ChatRefusal);
  expect(error).toMatchObject({
    code: "blocked",
    message: "They blocked you.",
    action: "send-message",
  });
  server.fault("send-message", { code: "rate_limited", message: "Slower.", retryAfterSeconds: 1 });
  expect(await send(ann, "yes", "t2")).toMatchObject({ messageId: "m1" });
  expect(server.heard.filter(({ tempMessageId }) => tempMessageId === "t2")).toHaveLength(2);
  server.fault("typing", { code: "rate_limited", message: "Slower.", tempMessageId: undefined });
  ann.chat.typing("c1", true);
  await waitFor(() => ann.refusals.length > 0, { what: "the refusal", everyMs: 5 });
  expect(ann.refusals).toMatchObject([{ code: "rate_limited", action: "typing" }]);
});

it("a message that nobody confirms is given up in time, and can be tried again with its id", async () => {
  const { server, url } = await startServer();
  const ann = await talk(url, "ann", { sendTimeoutMs: 60 });
  server.fault("send-message", "ignore");
  await expect(send(ann, "x", "t1")).rejects.toThrow("not confirmed in time");
  expect(await send(ann, "x", "t1")).toMatchObject({ messageId: "m1" });
});

it("a number that is missing is asked for again, and told as a gap when it cannot be had", async () => {
  const { server, url } = await startServer();
  server.nextConnections.push("hole");
  const ann = await talk(url, "ann");
  for (let i = 1; i <= 4; i++) await send(ann, String(i));
  await ann.has(4);
  expect([ann.texts(), ann.gaps()]).toEqual([["1", "2", "3", "4"], 0]);

  server.nextConnections.push(...Array<string>(9).fill("hole"));
  server.cutAll();
  await ann.isOpen(3);
  for (let i = 5; i <= 6; i++) await send(ann, String(i));
  await waitFor(() => ann.gaps() > 0, { what: "a gap", everyMs: 5 });
  expect(ann.texts()).toEqual(["1", "2", "3", "4", "6"]);
});

it("a log that does not reach back, or began anew, is a gap; a message that it tells again is not told twice", async () => {
  const { server, url } = await startServer();
  const ann = await talk(url, "ann");
  await send(ann, "one");
  await ann.has(1);
  for (let i = 0; i < 3; i++) server.logs.get("ann")?.push({ type: "conversation-renamed" });
  server.forgotten = 3;
  server.cutAll();
  await ann.has(2);
  expect([ann.texts(), ann.gaps()]).toEqual([["one", "conversation-renamed"], 1]);

  const [first = {}] = server.logs.get("ann") ?? [];
  server.logs.set("ann", []);
  server.epoch = "e2";
  server.forgotten = 0;
  server.cutAll();
  await waitFor(() => ann.gaps() === 2, { what: "the second gap", everyMs: 5 });
  server.push("ann", first);
  await send(ann, "two");
  await ann.has(3);
  expect(ann.texts()).toEqual(["one", "conversation-renamed", "two"]);
  expect(ann.chat.position).toBe("e2-2");
});

it("one that has read too slowly is told of the gap, and goes on where it is", async () => {
  const { server, url } = await startServer();
  const ann = await talk(url, "ann");
  await send(ann, "one");
  server.skip("ann", { type: "conversation-renamed" });
  await send(ann, "three");
  await ann.has(2);
  expect([ann.texts(), ann.gaps(), ann.chat.position]).toEqual([["one", "three"], 1, "e1-3"]);
  expect(ann.states.filter(({ kind }) => kind === "open")).toHaveLength(1);
});

it("an expired token is replaced by a fresh one; without one, or when that is refused, it ends", async () => {
  const { server, url } = await startServer();
  let made = 0;
  const ann = await talk(url, async () => `ann.${++made}`);
  server.closeAll(4401, "token_expired");
  await ann.isOpen(2);
  expect(server.tokens).toEqual(["ann.1", "ann.2"]);
  server.closeAll(4409, "renew");
  await ann.isOpen(3);
  expect(made).toBe(2);

  server.refused.add("ann.2").add("ann.3");
  server.cutAll();
  await expect(ann.chat.done).rejects.toMatchObject({ status: 401, message: "No such token." });
  expect(ann.chat.state).toMatchObject({ kind: "closed", error: { status: 401 } });
  await expect(send(ann, "x")).rejects.toThrow("closed");

  const bob = await talk(url, "bob");
  server.closeAll(4401, "token_expired");
  await expect(bob.chat.done).rejects.toThrow("Give a function as token");

  // As a server refuses an upgrade so that a browser can read why.
  server.nextConnections.push("4403", "4503", "");
  const cho = begin(url, "cho");
  await expect(cho.chat.done).rejects.toMatchObject({ status: 403, message: "No." });
  const dan = await talk(url, "dan");
  expect(dan.states.map(({ kind }) => kind)).toEqual([
    "connecting",
    "waiting",
    "connecting",
    "open",
  ]);
});

it("a connection that no longer answers is given up; waking does not wait", async () => {
  const { server, url } = await startServer();
  server.nextConnections.push("mute");
  const ann = await talk(url, "ann", { timing: { pingMs: 20, pongMs: 50 } });
  await ann.isOpen(2);
  const slow = await talk(url, "bob", { timing: { firstRetryMs: 600_000, maxRetryMs: 600_000 } });
  server.cutAll();
  await waitFor(() => slow.chat.state.kind === "waiting", { what: "the wait", everyMs: 5 });
  slow.chat.wake();
  await slow.isOpen(2);
  expect(slow.chat.state).toEqual({ kind: "open", userId: "bob" });
});

it("says that it is there also while much is pushed to it", async () => {
  const { server, url } = await startServer();
  const ann = await talk(url, "ann", { timing: { pingMs: 250 } });
  const pushing = setInterval(() => {
    server.push("ann", { type: "conversation-renamed", conversationId: "c1", userId: "bob" });
  }, 5);
  try {
    await waitFor(() => server.heard.filter(({ action }) => action === "heartbeat").length > 2, {
      what: "heartbeats",
      everyMs: 5,
      deadlineMs: 4000,
    });
  } finally {
    clearInterval(pushing);
  }
  expect(ann.states.filter(({ kind }) => kind === "open")).toHaveLength(1);
});

it("a `resume` that the server cannot take now is asked again over another connection", async () => {
  const { server, url } = await startServer();
  server.fault("resume", { code: "unavailable", message: "Later.", retryAfterSeconds: 1 });
  const ann = begin(url, "ann");
  const sent = send(ann, "hello");
  await ann.isOpen();
  expect((await sent).messageId).toBe("m1");
  expect(ann.refusals).toEqual([]);
});

it("a message that meets the end of the token goes with the next one", async () => {
  const { server, url } = await startServer();
  let n = 0;
  const ann = await talk(url, async () => `ann.${++n}`);
  server.fault("send-message", { code: "token_expired", message: "The token has expired." });
  const sent = send(ann, "late");
  await waitFor(() => server.faults.get("send-message")?.length === 0, { what: "the refusal" });
  server.closeAll(4401, "token_expired");
  expect((await sent).messageId).toBe("m1");
  expect(server.tokens).toEqual(["ann.1", "ann.2"]);
});

it("one of too many connections does not push another one out in its turn", async () => {
  const { server, url } = await startServer();
  const ann = await talk(url, "ann");
  server.closeAll(4429, "too_many_connections");
  await expect(ann.chat.done).rejects.toMatchObject({ message: /too_many_connections/ });
  expect(server.tokens).toHaveLength(1);
  const bob = await talk(url, "bob");
  server.closeAll(4429, "rate_limited");
  await bob.isOpen(2);
});

it("a log that begins anew while it is listened to is a gap, though its number is the same", async () => {
  const { server, url } = await startServer();
  const ann = await talk(url, "ann");
  await send(ann, "one");
  await ann.has(1);
  server.hint({ type: "resumed", epoch: "e2", seq: 1, isComplete: false });
  await waitFor(() => ann.gaps() === 1, { what: "the gap", deadlineMs: 4000 });
  expect(ann.chat.position).toBe("e2-1");
});

it("what was read is told until the server has it; typing is told now or never", async () => {
  const { server, url } = await startServer();
  const ann = begin(url, "ann");
  ann.chat.typing("c1", true);
  ann.chat.read("c1", "m7");
  await ann.has(1);
  expect(ann.pushes).toMatchObject([{ type: "read-messages", messageId: "m7", userId: "ann" }]);
  server.fault("read-messages", "lose");
  ann.chat.read("c1", "m8");
  await ann.has(2);
  server.cutAll();
  await ann.isOpen(3);
  ann.chat.typing("c1", false);
  await waitFor(() => ann.hints.length > 0, { what: "the hint", everyMs: 5 });
  expect(ann.hints).toEqual([
    { type: "typing", conversationId: "c1", userId: "ann", isTyping: false },
  ]);
  const reads = server.heard.filter(({ action }) => action === "read-messages");
  expect(reads.map(({ messageId }) => messageId)).toEqual(["m7", "m8", "m8"]);
});

it("closing ends it: its connection, and what was not confirmed", async () => {
  const { server, url } = await startServer();
  const abort = new AbortController();
  const ann = await talk(url, "ann", { signal: abort.signal });
  server.fault("send-message", "ignore");
  const unsent = send(ann, "x");
  unsent.catch(() => {});
  abort.abort();
  await ann.chat.done;
  await expect(unsent).rejects.toThrow("closed");
  expect(ann.chat.state).toEqual({ kind: "closed" });
  await waitFor(() => server.connections.size === 0, { what: "no connection", everyMs: 5 });
});

it("what a handler throws ends it; options that lead elsewhere are refused", async () => {
  const { url } = await startServer();
  const fail = () => {
    throw new Error("my fault");
  };
  const ann = await talk(url, "ann", { onPush: fail });
  await send(ann, "x").catch(() => {});
  await expect(ann.chat.done).rejects.toThrow("my fault");
  for (const wrong of [{ url: "ftp://x" }, { path: "//evil.example" }, { path: "chat" }]) {
    const options = { url, token: "ann", onPush: fail, onGap: fail, ...wrong };
    expect(() => openChat(options)).toThrow(TypeError);
  }
});
