import { and, eq, inArray } from "drizzle-orm";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  kakaoAccounts,
  kakaoConversations,
  kakaoMessages,
  kakaoSessions,
} from "../../src/db/schema/kakao.ts";
import { accountTopic, type Hint, sessionTopic } from "../../src/kakao/topics.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  type Agent,
  addAccount,
  addAgent,
  addConversation,
  addMessage,
  addSession,
  connect,
  messageRow,
  openStream,
  type Place,
  relayToken,
  reply,
  skillText,
} from "./kakao-agent-support.ts";
import { makeChannel } from "./kakao-support.ts";
import { bindings, control } from "./support.ts";

/*
 * A stream's truth is the database: hints only say that there is something. Here they are sent by hand, as the webhook
 * does it, or not at all.
 */

let place: Place;
const open: { leave: () => Promise<unknown> }[] = [];

beforeAll(async () => {
  place = await makeChannel("stream");
});
afterEach(async () => {
  for (const stream of open.splice(0)) await stream.leave();
});

async function listen(token: string, vars?: object) {
  const stream = await openStream(token, vars);
  open.push(stream);
  return stream;
}

const tell = (topic: string, hint: Hint) =>
  bindings.CHANNEL.getByName(topic).broadcast([JSON.stringify(hint)]);

/** A user writes. */
async function write(agent: Agent, text: string): Promise<string> {
  const messageId = await addMessage(agent, text);
  await tell(accountTopic(agent.accountId), { kind: "message", messageId });
  return messageId;
}

const sockets = async (topic: string) =>
  (await bindings.CHANNEL.getByName(topic).describe()).sockets;

const isDelivered = (id: string) =>
  waitFor(async () => (await messageRow(id)).status === "delivered", { what: "delivered" });

/** A user pairs with a session, as the webhook writes it. */
async function pair(session: { sessionId: string }): Promise<Agent> {
  const accountId = await addAccount(place);
  const pairedAt = Date.now();
  const conversation = await addConversation(place, accountId, pairedAt);
  await control
    .update(kakaoSessions)
    .set({ status: "paired", accountId, pairedAt, pairedConversationKey: conversation.key })
    .where(eq(kakaoSessions.id, session.sessionId));
  return { ...place, token: "", sessionId: session.sessionId, accountId, conversation };
}

async function tellPaired({ sessionId, accountId, conversation }: Agent): Promise<void> {
  const row = await control
    .select({ at: kakaoConversations.pairedAt })
    .from(kakaoConversations)
    .where(eq(kakaoConversations.id, conversation.id))
    .get();
  const { key: conversationKey, userKey: userId } = conversation;
  const hint = { kind: "paired", accountId, conversationKey, userId, pairedAt: row?.at ?? 0 };
  await tell(sessionTopic(sessionId), hint as Hint);
  await tell(accountTopic(accountId), hint as Hint);
}

describe("an agent's stream", () => {
  it("shows what waited, oldest first, then that it is connected, then what comes", async () => {
    const agent = await addAgent(place);
    const now = Date.now();
    for (let n = 45; n >= 1; n--) await addMessage(agent, `${n}`, { createdAt: now - n * 1000 });
    const stream = await listen(agent.token);
    await stream.next("connected");
    await write(agent, "jetzt");
    await stream.hasText("jetzt");
    const waited = Array.from({ length: 45 }, (_, at) => `${45 - at}`);
    expect(stream.texts()).toEqual([...waited, "jetzt"]);
    expect(stream.names().indexOf("connected")).toBe(45);
  });

  it("says it exactly as plugins read it", async () => {
    const agent = await addAgent(place, { rateLimitPerMinute: 7 });
    const createdAt = Date.UTC(2026, 10, 21, 1, 2, 3, 45);
    const id = await addMessage(agent, " 안녕\n거기 ", { createdAt: Date.now() });
    await control.update(kakaoMessages).set({ createdAt }).where(eq(kakaoMessages.id, id));
    const stream = await listen(agent.token, { QUEUE_TTL_SECONDS: "604800" });
    await stream.next("connected");
    const { headers } = stream.response;
    expect(headers.get("content-type")).toBe("text/event-stream");
    expect(headers.get("cache-control")).toBe("no-cache");
    expect(headers.get("x-accel-buffering")).toBe("no");
    expect(headers.get("x-ratelimit-limit")).toBe("7");
    expect(headers.get("x-ratelimit-remaining")).toBe("6");
    const { conversation, accountId, sessionId } = agent;
    const message = {
      id,
      conversationKey: conversation.key,
      kakaoPayload: { userRequest: { utterance: " 안녕\n거기 " }, bot: { id: "bot1" } },
      normalized: { userId: conversation.userKey, text: " 안녕\n거기 ", channelId: "bot1" },
      createdAt: "2026-11-21T01:02:03.045Z",
    };
    const connected = { accountId, sessionId, status: "paired" };
    expect(stream.state.raw).toBe(
      `event: message\ndata: ${JSON.stringify(message)}\n\n` +
        `event: connected\ndata: ${JSON.stringify(connected)}\n\n`,
    );
  });

  it("shows a message once, however often it is told of it, and to each stream of the account", async () => {
    const agent = await addAgent(place);
    const streams = [
      await listen(agent.token),
      await listen(agent.token),
      await listen(await relayToken(agent.accountId)),
    ];
    for (const stream of streams) {
      expect(await stream.next("connected")).toMatchObject({ sessionId: agent.sessionId });
    }
    const messageId = await write(agent, "eins");
    await tell(accountTopic(agent.accountId), { kind: "message", messageId });
    await isDelivered(messageId);
    await tell(accountTopic(agent.accountId), { kind: "message", messageId });
    await write(agent, "zwei");
    for (const stream of streams) {
      await stream.hasText("zwei");
      expect(stream.texts()).toEqual(["eins", "zwei"]);
    }
  });

  it("of another account shows nothing of it", async () => {
    const [agent, other] = [await addAgent(place), await addAgent(place)];
    const stream = await listen(other.token);
    await stream.next("connected");
    const messageId = await write(agent, "geheim");
    await tell(accountTopic(other.accountId), { kind: "message", messageId });
    await write(other, "eigenes");
    await stream.hasText("eigenes");
    expect(stream.texts()).toEqual(["eigenes"]);
  });

  it("does not show what has waited too long, and takes nobody's dead callback URL for a good one", async () => {
    const agent = await addAgent(place);
    const payload = JSON.stringify({
      userRequest: { utterance: "?", callbackUrl: "https://bot.kakao.com/1" },
    });
    const over = { payload, callbackUrl: "x", callbackUntil: Date.now() - 1 };
    await addMessage(agent, "zu alt", { createdAt: Date.now() - 901_000 });
    await addMessage(agent, "abgelaufen", { status: "expired" });
    await addMessage(agent, "spät", { ...over, createdAt: Date.now() - 800_000 });
    await addMessage(agent, "gut", { ...over, callbackUntil: Date.now() + 50_000 });
    const stream = await listen(agent.token);
    await stream.next("connected");
    expect(stream.texts()).toEqual(["spät", "gut"]);
    const [late, good] = stream.events().map(({ data }) => data.kakaoPayload);
    expect(late).toEqual({ userRequest: { utterance: "?" } });
    expect(good).toEqual(JSON.parse(payload));
  });

  it("is refused without a session, and counted with the replies", async () => {
    const bad = await connect("nobody");
    expect(bad.response.status).toBe(401);
    expect(await bad.response.text()).toBe('{"error":"Invalid token"}\n');
    const agent = await addAgent(place, { rateLimitPerMinute: 1 });
    const stream = await listen(agent.token);
    await stream.next("connected");
    expect((await reply(agent.token, {})).status).toBe(429);
    const { response } = await connect(agent.token);
    expect([response.status, await response.text()]).toEqual([
      429,
      '{"error":"Rate limit exceeded"}\n',
    ]);
  });
});

describe("delivery", () => {
  it("counts only when the stream has lived on after the message", async () => {
    const agent = await addAgent(place);
    const stream = await listen(agent.token);
    await stream.next("connected");
    const id = await write(agent, "eins");
    await stream.hasText("eins");
    expect((await messageRow(id)).status).toBe("queued");
    await isDelivered(id);
    expect((await messageRow(id)).deliveredAt).toBeGreaterThan(0);
    await stream.leave();

    const again = await listen(agent.token);
    await again.next("connected");
    await write(agent, "zwei");
    await again.hasText("zwei");
    expect(again.texts()).toEqual(["zwei"]);
  });

  it("does not count when the reader goes right after it: the next stream gets it", async () => {
    const agent = await addAgent(place);
    const stream = await listen(agent.token);
    await stream.next("connected");
    const id = await write(agent, "eins");
    await stream.hasText("eins");
    await stream.leave();
    await waitFor(async () => (await sockets(accountTopic(agent.accountId))) === 0, {
      what: "the stream's sockets to be closed",
    });
    expect((await messageRow(id)).status).toBe("queued");
    const again = await listen(agent.token);
    await again.next("connected");
    expect(again.texts()).toEqual(["eins"]);
    await isDelivered(id);
  });

  it("counts when the agent has answered, however short its stream was", async () => {
    const agent = await addAgent(place);
    const id = await addMessage(agent, "eins", { heldUntil: Date.now() - 1 });
    const stream = await listen(agent.token);
    await stream.hasText("eins");
    await reply(agent.token, { messageId: id, response: skillText("da") });
    await stream.leave();
    const again = await listen(agent.token);
    await again.next("connected");
    expect(again.texts()).toEqual([]);
  });

  it("a reader that has gone is seen within 2 s, also when nothing happens", async () => {
    const agent = await addAgent(place);
    const stream = await listen(agent.token);
    await stream.next("connected");
    expect(await sockets(accountTopic(agent.accountId))).toBe(1);
    await stream.leave();
    const what = "the sockets to be closed";
    const isClosed = async () =>
      (await sockets(accountTopic(agent.accountId))) === 0 &&
      (await sockets(sessionTopic(agent.sessionId))) === 0;
    await waitFor(isClosed, { what, deadlineMs: 3_000 });
  });
});

describe("pairing", () => {
  it("moves the open stream to the account: who has paired, what waited, what comes", async () => {
    const session = await addSession(place);
    const stream = await listen(session.token);
    expect(await stream.next("connected")).toEqual({
      accountId: "",
      sessionId: session.sessionId,
      status: "pending_pairing",
    });
    expect(stream.response.headers.get("x-ratelimit-limit")).toBe(null);
    const agent = await pair(session);
    await addMessage(agent, "schon da");
    await tellPaired(agent);
    const complete = await stream.next("pairing_complete");
    expect(complete).toMatchObject({
      accountId: agent.accountId,
      kakaoUserId: agent.conversation.userKey,
    });
    expect(complete.pairedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await stream.hasText("schon da");
    await write(agent, "live");
    await stream.hasText("live");
    await tellPaired(agent);
    await write(agent, "mehr");
    await stream.hasText("mehr");
    expect(stream.names()).toEqual([
      "connected",
      "pairing_complete",
      "message",
      "message",
      "message",
    ]);
  });

  it("of a further user is told of once, and not to a stream that began after it", async () => {
    const agent = await addAgent(place);
    const early = await listen(agent.token);
    await early.next("connected");
    const conversation = await addConversation(place, agent.accountId, Date.now());
    const late = await listen(agent.token);
    await late.next("connected");
    await tellPaired({ ...agent, conversation });
    await write(agent, "danach");
    expect(await early.next("pairing_complete")).toMatchObject({
      kakaoUserId: conversation.userKey,
    });
    await Promise.all([early.hasText("danach"), late.hasText("danach")]);
    expect(early.names()).toEqual(["connected", "pairing_complete", "message"]);
    expect(late.names()).toEqual(["connected", "message"]);
  });

  it("that nobody did in time is told by itself, once; a session that has ended ends the stream", async () => {
    const session = await addSession(place, { expiresAt: Date.now() + 300 });
    const stream = await listen(session.token);
    expect(await stream.next("pairing_expired")).toEqual({ reason: "Pairing code expired" });
    await control
      .update(kakaoSessions)
      .set({ status: "expired" })
      .where(eq(kakaoSessions.id, session.sessionId));
    await tell(sessionTopic(session.sessionId), {
      kind: "code_expired",
      sessionId: session.sessionId,
      reason: "Pairing code expired",
    });
    await stream.ended();
    expect(stream.names()).toEqual(["connected", "pairing_expired"]);
    expect((await connect(session.token)).response.status).toBe(401);
  });

  it("that ends is told, with whose it was", async () => {
    const agent = await addAgent(place);
    const stream = await listen(agent.token);
    await stream.next("connected");
    const { key: conversationKey, userKey: userId } = agent.conversation;
    await tell(accountTopic(agent.accountId), { kind: "unpaired", conversationKey, userId });
    expect(await stream.next("unpaired")).toEqual({
      accountId: agent.accountId,
      kakaoUserId: userId,
    });
  });
});

describe("an end", () => {
  it("of the session closes its streams and leaves others alone", async () => {
    const agent = await addAgent(place);
    const ofSession = await listen(agent.token);
    const ofAccount = await listen(await relayToken(agent.accountId));
    await Promise.all([ofSession.next("connected"), ofAccount.next("connected")]);
    await control
      .update(kakaoSessions)
      .set({ status: "disconnected" })
      .where(eq(kakaoSessions.id, agent.sessionId));
    const hint = { kind: "disconnected", sessionId: agent.sessionId } as const;
    await tell(sessionTopic(agent.sessionId), hint);
    await tell(accountTopic(agent.accountId), hint);
    expect(await ofSession.next("error")).toMatchObject({ code: "SESSION_DISCONNECTED" });
    await ofSession.ended();
    await write(agent, "noch da");
    await ofAccount.hasText("noch da");
  });

  it("of the account closes all of its streams", async () => {
    const agent = await addAgent(place);
    const ofSession = await listen(agent.token);
    const ofAccount = await listen(await relayToken(agent.accountId));
    await Promise.all([ofSession.next("connected"), ofAccount.next("connected")]);
    await control.delete(kakaoAccounts).where(eq(kakaoAccounts.id, agent.accountId));
    await tell(accountTopic(agent.accountId), { kind: "deleted" });
    expect(await ofSession.next("error")).toMatchObject({ code: "ACCOUNT_DELETED" });
    expect(await ofAccount.next("error")).toMatchObject({ code: "SESSION_ENDED" });
    await Promise.all([ofSession.ended(), ofAccount.ended()]);
    const again = await listen(agent.token);
    expect(await again.next("connected")).toMatchObject({ accountId: "", status: "paired" });
  });

  it("of the relay token closes the streams that it has opened", async () => {
    const agent = await addAgent(place);
    const stream = await listen(await relayToken(agent.accountId));
    await stream.next("connected");
    await control
      .update(kakaoAccounts)
      .set({ relayTokenHash: crypto.randomUUID() })
      .where(eq(kakaoAccounts.id, agent.accountId));
    await tell(accountTopic(agent.accountId), { kind: "disconnected", sessionId: "" });
    expect(await stream.next("error")).toMatchObject({ code: "SESSION_ENDED" });
    await stream.ended();
  });
});

describe("a fault", () => {
  it("of the database delays a message and ends no stream", async () => {
    const agent = await addAgent(place);
    const state = { isDown: false };
    const DB = new Proxy(bindings.DB, {
      get: (db, name) => {
        if (state.isDown) throw new Error("D1_ERROR: internal error");
        const value = Reflect.get(db, name) as unknown;
        return typeof value === "function" ? value.bind(db) : value;
      },
    });
    const stream = await listen(agent.token, { DB, LOG_LEVEL: "error" });
    await stream.next("connected");
    state.isDown = true;
    const id = await write(agent, "trotzdem");
    await tell(accountTopic(agent.accountId), { kind: "disconnected", sessionId: "" });
    await waitFor(() => stream.state.raw.endsWith(":\n\n"), { what: "a sign of life" });
    expect(stream.texts()).toEqual([]);
    state.isDown = false;
    await stream.hasText("trotzdem");
    await isDelivered(id);
    expect(stream.names()).toEqual(["connected", "message"]);
  });

  it("of a channel is no reason to refuse: what waits is shown all the same", async () => {
    const agent = await addAgent(place);
    await addMessage(agent, "wartet");
    const CHANNEL = {
      getByName: () => ({ fetch: () => Promise.reject(new Error("overloaded")) }),
    };
    const stream = await listen(agent.token, { CHANNEL });
    await stream.next("connected");
    expect(stream.texts()).toEqual(["wartet"]);
    // It tries again in half a second or a whole one, and looks into the database each time.
    await addMessage(agent, "später");
    await stream.hasText("später", 5_000);
  });
});

describe.concurrent("in time", () => {
  it("what no hint told of is shown by the next look into the database", {
    timeout: 40_000,
  }, async () => {
    const agent = await addAgent(place);
    const session = await addSession(place);
    const [stream, second, pending] = [
      await openStream(agent.token),
      await openStream(agent.token),
      await openStream(session.token),
    ];
    await Promise.all([stream.next("connected"), second.next("connected")]);
    await pending.next("connected");
    const id = await addMessage(agent, "ungesagt");
    const agentOfPending = await pair(session);
    await addMessage(agentOfPending, "auch das");
    await Promise.all([stream, second].map((each) => each.hasText("ungesagt", 20_000)));
    await pending.next("pairing_complete", 20_000);
    await pending.hasText("auch das");
    await isDelivered(id);
    await Promise.all([stream, second, pending].map((each) => each.leave()));
    expect(stream.texts()).toEqual(["ungesagt"]);
  });

  it("a comment that clients see comes every 30 s", { timeout: 60_000 }, async () => {
    const session = await addSession(place);
    const stream = await openStream(session.token);
    await stream.next("connected");
    expect(stream.state.raw).not.toContain(": ping");
    await waitFor(() => stream.state.raw.includes("\n\n: ping\n\n"), {
      what: "a ping",
      deadlineMs: 40_000,
    });
    await stream.leave();
    const { status, id } = kakaoSessions;
    const rows = await control
      .select({ status })
      .from(kakaoSessions)
      .where(and(eq(id, session.sessionId), inArray(status, ["pending_pairing"])));
    expect(rows).toHaveLength(1);
  });
});
