import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { RawStream } from "../support/raw-stream.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { FirstChatClient, type Frame } from "./first-chat-client.ts";
import { call } from "./support.ts";

/*
 * Clients of version 1 against a real session: what they rely on, by the numbers of their checklist (7.…), and what was
 * weak in the service that they were made for (W…). They use WebSocket and fetch, and nothing of ours.
 */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const NEW_MESSAGE = [
  "type",
  "messageId",
  "tempMessageId",
  "conversationId",
  "senderId",
  "content",
  "sentAt",
].toSorted();
const LISTED = [
  "conversationId",
  "title",
  "isGroup",
  "sentAt",
  "latestContent",
  "senderId",
  "isRead",
  "participantId",
].toSorted();
type Row = Record<string, unknown>;

let session: TestSession;
let clients: FirstChatClient[] = [];
let users = 0;

beforeAll(async () => {
  session = await startSession();
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
});

describe("what the clients rely on", () => {
  it("7.1 the token in the query string, raw; any stage segment; a slash at the end", async () => {
    const [ada, bob] = await both("ada", "bob");
    const room = await ada.create([bob.userId]);
    await bob.connect();
    for (const path of ["/ws/prod/", "/ws/dev/", "/ws/v7", "/ws/", "/ws", "/prod/ws/"]) {
      await ada.connect(path);
      expect((await ada.sendAndSee(room, path)).content).toBe(path);
      await ada.close();
    }
    await bob.seeText("/prod/ws/");
    expect(bob.bubbles(room)).toHaveLength(6);
    for (const base of ["", "/prod", "/dev"]) {
      expect(await ada.get(`${base}/conversations`)).toHaveLength(1);
    }
  });

  it("7.2 the sender is told of the own message with the same tempMessageId, and of nothing else", async () => {
    const [ada, bob] = await both("ada", "bob");
    const room = await ada.create([bob.userId]);
    await Promise.all([ada.connect(), bob.connect()]);
    const id = ada.write(room, "안녕 <b>&</b> 🙂");
    const own = await ada.see(({ tempMessageId }) => tempMessageId === id, "its own");
    expect(Object.keys(own).toSorted()).toEqual(NEW_MESSAGE);
    expect(own).toMatchObject({ type: "new-message", conversationId: room, senderId: ada.userId });
    expect(own).toMatchObject({
      content: "안녕 <b>&</b> 🙂",
      messageId: expect.stringMatching(UUID),
      sentAt: expect.stringMatching(TIME),
    });
    // The other one is told the very same, the echo included.
    expect(await bob.seeText("안녕 <b>&</b> 🙂")).toEqual(own);

    // It may be any JSON value, and frames of early clients have more fields.
    for (const any of ["", 7, { n: [1] }, false]) {
      ada.write(room, `id ${JSON.stringify(any)}`, any);
      const push = await ada.seeText(`id ${JSON.stringify(any)}`);
      expect(push.tempMessageId).toEqual(any);
    }
    ada.say({
      action: "send-message",
      tempMessageId: "t",
      conversationId: room,
      content: "x",
      jwt: "j",
    });
    await ada.seeText("x");
    expect(new Set(ada.frames.map(({ type }) => type))).toEqual(new Set(["new-message"]));
    // An object is never the same again: such a client would wait for ever, as it always has.
    expect(ada.sending).toEqual([{ n: [1] }]);
  });

  it("7.3 a connection is told of a message once, however often it is sent", async () => {
    const [ada, bob] = await both("ada", "bob");
    const room = await ada.create([bob.userId]);
    await Promise.all([ada.connect(), bob.connect()]);
    for (let i = 0; i < 3; i++) ada.write(room, "again", "the-same");
    await ada.sendAndSee(room, "after it");
    await bob.seeText("after it");
    expect(ada.bubbles(room)).toEqual(["again", "after it"]);
    expect(bob.bubbles(room)).toEqual(["again", "after it"]);
    expect(await contents(bob, room)).toEqual(["again", "after it"]);
  });

  it("7.4 pages by the number of bubbles held, with messages coming and going meanwhile", async () => {
    const [ada, bob] = await both("ada", "bob");
    const room = await ada.create([bob.userId]);
    await ada.connect();
    for (let i = 1; i <= 43; i++) ada.write(room, `m${i}`);
    await ada.seeText("m43");
    await bob.connect();

    const page = (limit: number, offset: number) =>
      bob.get<Row[]>(`/conversations/${room}/messages?limit=${limit}&offset=${offset}&order=asc`);
    let held = await page(15, 0);
    expect(held).toHaveLength(15);
    expect(Object.keys(held[0] ?? {}).toSorted()).toEqual(
      ["messageId", "conversationId", "sentAt", "senderId", "content"].toSorted(),
    );
    for (let pages = 1; ; pages++) {
      // One comes, and one that is held is taken back, between any two pages.
      await ada.sendAndSee(room, `live${pages}`);
      held.push(await bob.seeText(`live${pages}`));
      const gone = `/conversations/${room}/messages/${held[0]?.messageId}?v=2`;
      expect((await ada.rest("DELETE", gone)).status).toBe(200);
      const more = await page(20, held.length);
      held = [...more, ...held];
      if (more.length < 20) break;
    }
    const all = Array.from({ length: 43 }, (_, i) => `m${i + 1}`);
    expect(held.map(({ content }) => content)).toEqual([...all, "live1", "live2"]);
    expect(new Set(held.map(({ messageId }) => messageId)).size).toBe(45);
    // Newest first unless asked otherwise; both numbers must be there.
    const newest = await bob.get<Row[]>(`/conversations/${room}/messages?limit=2&offset=0`);
    expect(newest.map(({ content }) => content)).toEqual(["live2", "live1"]);
    const turned = await page(100, 0);
    expect(turned.filter(({ content }) => content === "(deleted)")).toHaveLength(2);
    expect(await bob.rest("GET", `/conversations/${room}/messages?limit=2`)).toEqual({
      status: 400,
      text: "Missing 'offset' in event parameter",
    });
  });

  it("7.5 read-messages is answered to the reader, whose badge it clears, and to nobody else", async () => {
    const [ada, bob] = await both("ada", "bob");
    const room = await ada.create([bob.userId]);
    await Promise.all([ada.connect(), bob.connect()]);
    await ada.sendAndSee(room, "read me");
    await bob.seeText("read me");
    expect(await badge(bob)).toBe(1);
    bob.say({ action: "read-messages", conversationId: room });
    expect(await bob.see(({ type }) => type === "read-messages", "that it has read")).toEqual({
      type: "read-messages",
      conversationId: room,
      userId: bob.userId,
    });
    expect(await badge(bob)).toBe(0);
    // It is answered also when there was nothing left to read.
    bob.say({ action: "read-messages", conversationId: room });
    await waitFor(() => bob.frames.filter(({ type }) => type === "read-messages").length === 2, {
      what: "the second answer",
    });
    await ada.sendAndSee(room, "after it");
    expect(ada.frames.map(({ type }) => type)).toEqual(["new-message", "new-message"]);
  });

  it("7.6 an unknown conversation is looked up, and lists have every key", async () => {
    const [ada, bob, eve] = await Promise.all([user("ada"), user("bob"), user("eve")]);
    await Promise.all([ada.connect(), bob.connect()]);
    const direct = await ada.create([bob.userId]);
    const group = await ada.create([bob.userId, eve.userId], "점심");
    expect(await bob.get("/conversations")).toEqual([]);
    await ada.sendAndSee(direct, "hi");
    await ada.sendAndSee(group, "all");
    const { conversationId } = await bob.seeText("hi");
    expect(await bob.get(`/conversations/${conversationId}`)).toEqual({
      conversation_id: direct,
      title: "",
      isGroup: false,
      participantId: ada.userId,
    });
    const [first, second, ...others] = await bob.get<Row[]>("/conversations");
    expect(others).toEqual([]);
    expect(Object.keys(first ?? {}).toSorted()).toEqual(LISTED);
    expect(first).toMatchObject({ conversationId: group, title: "점심", isGroup: true });
    expect([ada.userId, eve.userId]).toContain(first?.participantId);
    expect(second).toEqual({
      conversationId: direct,
      title: "",
      isGroup: false,
      sentAt: expect.stringMatching(TIME),
      latestContent: "hi",
      senderId: ada.userId,
      isRead: false,
      participantId: ada.userId,
    });
    const participants = await bob.get<string[]>(`/conversations/${group}/participants`);
    expect(participants.toSorted()).toEqual([ada.userId, bob.userId, eve.userId].toSorted());
    expect(await bob.get(`/conversation/direct/${ada.userId}`)).toEqual({ conversationId: direct });
    expect(await bob.rest("GET", "/conversation/direct/nobody")).toEqual({
      status: 200,
      text: "null",
    });
  });

  it("7.7 the unread list is an array, whose length is the badge", async () => {
    const [ada, bob] = await both("ada", "bob");
    expect(await bob.rest("GET", "/conversations?isRead=false")).toEqual({
      status: 200,
      text: "[]",
    });
    const room = await ada.create([bob.userId]);
    await ada.connect();
    await ada.sendAndSee(room, "one");
    await ada.sendAndSee(room, "two");
    expect([await badge(bob), await badge(ada)]).toEqual([1, 0]);
    expect(await bob.get("/conversations?isRead=true")).toEqual([]);
    expect(await ada.get("/conversations?isRead=true")).toHaveLength(1);
    expect(await bob.rest("GET", "/conversations?isRead=maybe")).toEqual({
      status: 400,
      text: "Invalid parameter 'isRead'",
    });
  });

  it("7.8 a heartbeat is not answered; what is no action is forbidden; a reopened socket goes on, without a replay", async () => {
    const [ada, bob] = await both("ada", "bob");
    const room = await ada.create([bob.userId]);
    await Promise.all([ada.connect(), bob.connect()]);
    ada.say({ action: "heartbeat" });
    for (const frame of ["no JSON", "[]", { action: "send_message" }, { content: "x" }]) {
      ada.say(frame);
    }
    await ada.sendAndSee(room, "still open");
    expect(ada.frames.slice(0, -1)).toEqual(
      Array.from({ length: 4 }, () => ({
        message: "Forbidden",
        connectionId: expect.any(String),
        requestId: expect.any(String),
      })),
    );
    await bob.seeText("still open");
    await bob.close();
    bob.write(room, "dropped by the client itself");
    await ada.sendAndSee(room, "while away");
    await bob.connect();
    await ada.sendAndSee(room, "back again");
    await bob.seeText("back again");
    expect(bob.bubbles(room)).toEqual(["still open", "back again"]);
  });

  it("7.9 what is handed on to the page: two types of chat, two of presence", async () => {
    const [ada, bob] = await both("ada", "bob");
    const room = await ada.create([bob.userId]);
    await bob.connect("/presence-ws/prod/");
    await ada.connect("/presence-ws/prod/");
    const isHere = ({ type, url }: Frame) => type === "update-presence" && url !== "";
    const url = "https://news.example.co.kr/a";
    ada.say({ action: "heartbeat" });
    ada.say({ action: "update-presence", url, title: "뉴스" });
    const update = await bob.see(isHere, "where the other one is");
    expect(update).toEqual({
      type: "update-presence",
      userId: ada.userId,
      url,
      title: "뉴스",
      domain: "example.co.kr",
      latestUrl: url,
      latestTitle: "뉴스",
      latestDomain: "example.co.kr",
    });
    expect(await ada.see(isHere, "where it is itself")).toEqual(update);
    expect(await bob.get(`/presence/${ada.userId}`)).toEqual({ url, title: "뉴스" });
    const page = { url, title: "뉴스", domain: "example.co.kr" };
    expect(await bob.get("/presence")).toMatchObject({
      userPresence: { userId: bob.userId, latestPage: null },
      presenceArr: [{ userId: ada.userId, page, latestPage: page }],
    });
    await ada.close();
    const gone = await bob.see(({ type }) => type === "presence-timeout", "that it has gone");
    expect(gone).toEqual({ type: "presence-timeout", userId: ada.userId });
    expect(await bob.get(`/presence/${ada.userId}`)).toBeNull();

    const chat = await device(ada);
    const phone = await device(bob);
    await chat.sendAndSee(room, "and chat");
    await phone.seeText("and chat");
    phone.say({ action: "read-messages", conversationId: room });
    await phone.see(({ type }) => type === "read-messages", "that it has read");
    expect(phone.frames.map(({ type }) => type)).toEqual(["new-message", "read-messages"]);
  });
});

describe("what was weak", () => {
  it("W1 every device of a user is told, in the same order", async () => {
    const [ada, bob] = await both("ada", "bob");
    const room = await ada.create([bob.userId]);
    const devices = await Promise.all([device(ada), device(ada), device(bob), device(bob)]);
    for (const [i, one] of devices.entries()) await one.sendAndSee(room, `from ${i}`);
    for (const one of devices) {
      await one.seeText("from 3");
      expect(one.bubbles(room)).toEqual(["from 0", "from 1", "from 2", "from 3"]);
    }
  });

  it("W2 the end of an old connection does not make the new one deaf", async () => {
    const [ada, bob] = await both("ada", "bob");
    const room = await ada.create([bob.userId]);
    await ada.connect();
    let old = await device(bob);
    for (let round = 0; round < 5; round++) {
      const next = await device(bob);
      const closing = old.close();
      await ada.sendAndSee(room, `during ${round}`);
      await closing;
      await ada.sendAndSee(room, `after ${round}`);
      await next.seeText(`after ${round}`);
      expect(next.bubbles(room)).toEqual([`during ${round}`, `after ${round}`]);
      old = next;
    }
  });

  it("W4 what was written to one who was away is there when they come back: badge, list and history", async () => {
    const [ada, bob] = await both("ada", "bob");
    const room = await ada.create([bob.userId]);
    await ada.connect();
    const sent = [];
    for (const text of ["one", "two", "three"]) sent.push(await ada.sendAndSee(room, text));
    await bob.connect();
    expect(await badge(bob)).toBe(1);
    const last = { latestContent: "three", isRead: false, sentAt: sent[2]?.sentAt };
    expect(await bob.get("/conversations")).toMatchObject([last]);
    expect(await history(bob, room)).toMatchObject(
      sent.map(({ messageId, content, sentAt }) => ({ messageId, content, sentAt })),
    );
  });

  it("W6 a retry on a new connection stores nothing twice", async () => {
    const [ada, bob] = await both("ada", "bob");
    const room = await ada.create([bob.userId]);
    await bob.connect();
    for (let i = 0; i < 3; i++) {
      await ada.connect();
      ada.write(room, "only once", "retried");
      await ada.sendAndSee(room, `mark ${i}`);
      await ada.close();
    }
    await bob.seeText("mark 2");
    const expected = ["only once", "mark 0", "mark 1", "mark 2"];
    expect(bob.bubbles(room)).toEqual(expected);
    expect(await contents(ada, room)).toEqual(expected);
  });

  it("W7 participants who are gone without a word do not spoil a send", async () => {
    const [ada, bob] = await both("ada", "bob");
    const [cut, mute] = await both("cut", "mute");
    const dead = await Promise.all([raw(await tokenOf(cut)), raw(await tokenOf(mute))]);
    expect(dead.map(({ status }) => status)).toEqual([101, 101]);
    const others = [bob, cut, mute, await user("never-came")].map(({ userId }) => userId);
    const room = await ada.create(others, "one is dead");
    await Promise.all([ada.connect(), bob.connect()]);
    dead[0]?.stream.cut();
    dead[1]?.stream.pause();
    for (const text of ["one", "two", "three"]) await ada.sendAndSee(room, text);
    await bob.seeText("three");
    expect(bob.bubbles(room)).toEqual(["one", "two", "three"]);
    expect(ada.frames.map(({ type }) => type)).toEqual(Array(3).fill("new-message"));
    await cut.connect();
    await ada.sendAndSee(room, "four");
    await cut.seeText("four");
    expect(await contents(cut, room)).toEqual(["one", "two", "three", "four"]);
    dead[1]?.stream.cut();
  });

  it("W8, W10 one who takes no part is told so, reads nothing, and writes nothing", async () => {
    const [ada, bob, eve] = await Promise.all([user("ada"), user("bob"), user("eve")]);
    const room = await ada.create([bob.userId]);
    await Promise.all([ada.connect(), eve.connect()]);
    await ada.sendAndSee(room, "among us");
    for (const id of [room, crypto.randomUUID(), "no-uuid"]) {
      for (const path of ["", "/messages?limit=15&offset=0", "/participants"]) {
        const refused = await eve.rest("GET", `/conversations/${id}${path}`);
        expect({ path, ...refused }).toMatchObject({ status: 404 });
        expect(refused.text).not.toContain(ada.userId);
      }
    }
    eve.write(room, "let me in", "intruder");
    const told = await eve.see(({ tempMessageId }) => tempMessageId === "intruder", "a refusal");
    expect(told).toMatchObject({ type: "error", code: "conversation_not_found" });
    eve.say({ action: "read-messages", conversationId: room });
    await eve.see(({ action }) => action === "read-messages", "the other refusal");
    await ada.sendAndSee(room, "still among us");
    expect(await contents(bob, room)).toEqual(["among us", "still among us"]);
    expect(eve.bubbles(room)).toEqual([]);

    // Who was blocked neither finds a room to write in nor gets a new one.
    expect((await bob.rest("PUT", `/blocks/${eve.userId}`)).status).toBeLessThan(300);
    const body = { recipientIdArr: [bob.userId], isGroup: false, title: "" };
    expect((await eve.rest("POST", "/conversation", body)).status).toBe(403);
  });

  it("W9 groups are made, and what is wrong with one is said", async () => {
    const [ada, bob, eve] = await Promise.all([user("ada"), user("bob"), user("eve")]);
    const room = await ada.create([bob.userId, eve.userId], "셋");
    await Promise.all([ada.connect(), bob.connect(), eve.connect()]);
    await eve.sendAndSee(room, "hi all");
    await Promise.all([ada.seeText("hi all"), bob.seeText("hi all")]);
    const make = (body: object) => ada.rest("POST", "/conversation", body);
    const ids = [bob.userId, eve.userId];
    const refused = await Promise.all([
      make({ recipientIdArr: ids, isGroup: true }),
      make({ recipientIdArr: ids, isGroup: true, title: "" }),
      make({ recipientIdArr: [bob.userId], isGroup: true, title: "two" }),
      make({ recipientIdArr: ids, isGroup: false, title: "" }),
      make({ isGroup: false, title: "" }),
      make({ recipientIdArr: ids, title: "" }),
    ]);
    expect(refused).toEqual(
      [
        "Missing 'title' in event body",
        "Invalid parameter 'title'",
        "Invalid parameter 'recipientIdArr'",
        "Invalid parameter 'recipientIdArr'",
        "Missing 'recipientIdArr' in event body",
        "Missing 'isGroup' in event body",
      ].map((text) => ({ status: 400, text })),
    );
  });

  it("W11 twenty at once, from both sides, make one room", async () => {
    const [ada, bob] = await both("ada", "bob");
    const rooms = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0 ? ada.create([bob.userId]) : bob.create([ada.userId]),
      ),
    );
    const [room = "", ...others] = new Set(rooms);
    expect(others).toEqual([]);
    await ada.connect();
    await ada.sendAndSee(room, "the one");
    expect(await ada.get("/conversations")).toHaveLength(1);
    expect(await bob.get("/conversations")).toHaveLength(1);
  });

  it("W12 a token that is missing, wrong or old is 401, at a socket too, and no token is in the log", async () => {
    const ada = await user("ada");
    const good = await tokenOf(ada);
    const old = await makeToken(ada.userId, 1);
    const [head, claims = "", signature] = good.split(".");
    const forged = [head, claims.replace(/^./, (c) => (c === "e" ? "f" : "e")), signature].join(
      ".",
    );
    const refused = { status: 401, text: JSON.stringify({ message: "Unauthorized" }) };
    for (const token of ["no.good.token", "x", forged, session.apiKey]) {
      expect(await restAs(token)).toEqual(refused);
      expect((await raw(token)).status).toBe(401);
    }
    const answer = await fetch(`${session.appUrl}/chat/conversations`);
    expect({ status: answer.status, text: await answer.text() }).toEqual(refused);
    expect((await raw(null)).status).toBe(401);

    const expired = await waitFor(
      async () => {
        const now = await restAs(old);
        return now.status === 401 && now;
      },
      { what: "the token to end" },
    );
    expect(expired.text).toBe(JSON.stringify({ message: "The incoming token has expired" }));
    expect((await raw(old)).status).toBe(401);
    await ada.connect();
    await ada.close();
    for (const token of [good, old, forged]) expect(session.output()).not.toContain(token);
  });

  it("W14 a time is the same text in pushes, pages and lists", async () => {
    const [ada, bob] = await both("ada", "bob");
    const room = await ada.create([bob.userId]);
    await ada.connect();
    const { sentAt, messageId } = await ada.sendAndSee(room, "now");
    expect(sentAt).toMatch(TIME);
    expect(await history(bob, room)).toMatchObject([{ sentAt, messageId }]);
    expect(await bob.get("/conversations")).toMatchObject([{ sentAt }]);
  });
});

const tokens = new Map<string, string>();

async function makeToken(userId: string, expiresInSeconds = 3600): Promise<string> {
  const body = { userId, expiresInSeconds };
  return (await call<{ token: string }>(session, 201, "POST", "/chat/tokens", body)).token;
}

async function tokenOf({ userId }: FirstChatClient): Promise<string> {
  const token = tokens.get(userId) ?? (await makeToken(userId));
  tokens.set(userId, token);
  return token;
}

/** A user whom no other test knows. */
async function user(name: string): Promise<FirstChatClient> {
  const userId = `google_${++users}${name}`;
  const token = await makeToken(userId);
  tokens.set(userId, token);
  return client(userId, token);
}

function both(one: string, other: string): Promise<[FirstChatClient, FirstChatClient]> {
  return Promise.all([user(one), user(other)]);
}

/** Another one of the same user, connected. */
async function device(of: FirstChatClient): Promise<FirstChatClient> {
  return client(of.userId, await tokenOf(of)).connect();
}

function client(userId: string, token: string): FirstChatClient {
  const made = new FirstChatClient({ userId, base: `${session.appUrl}/chat`, token });
  clients.push(made);
  return made;
}

async function restAs(token: string): Promise<{ status: number; text: string }> {
  return client("nobody", token).rest("GET", "/conversations");
}

/** A socket whose answer to the upgrade can be seen, and which can go without a word. */
async function raw(token: string | null): Promise<{ status: number; stream: RawStream }> {
  const { host, port } = new URL(session.appUrl);
  const query = token === null ? "" : `?Authorization=${token}`;
  const { promise, resolve } = Promise.withResolvers<number>();
  const stream = new RawStream(
    {
      port: Number(port),
      path: `/chat/ws/prod/${query}`,
      headers: { host, upgrade: "websocket" },
    },
    { onHead: resolve, onLine: () => {}, onEnd: () => resolve(0) },
  );
  const status = await promise;
  if (status !== 101) stream.close();
  return { status, stream };
}

async function badge(of: FirstChatClient): Promise<number> {
  return (await of.get<unknown[]>("/conversations?isRead=false")).length;
}

function history(of: FirstChatClient, room: string): Promise<Row[]> {
  return of.get(`/conversations/${room}/messages?limit=100&offset=0&order=asc`);
}

async function contents(of: FirstChatClient, room: string): Promise<unknown[]> {
  return (await history(of, room)).map(({ content }) => content);
}
