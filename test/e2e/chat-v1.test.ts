import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Platform, startPlatform } from "../support/channel-platform.ts";
import { FirstClient } from "../support/first-chat-client.ts";
import { waitFor } from "../support/wait-for.ts";

/*
 * What clients of version 1 rely on, line by line of the wire contract's checklist, and the faults of the server that
 * they were made for, which are not to come back. Line 9 is between their own parts, without a server.
 */
const folder = mkdtempSync(join(tmpdir(), "baton-chat-v1-"));
const clients: FirstClient[] = [];
let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform(folder, { vars: { DEFAULT_CHAT_SOURCE: "talk" } });
  await admin("/sources", { slug: "talk", preset: "chat" });
});

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

afterAll(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});

const port = () => platform.ports().app;

async function admin<T>(path: string, body: object): Promise<T> {
  const answer = await fetch(`http://127.0.0.1:${port()}/api/v1${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${platform.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as T;
}

let names = 0;
/** A user of their own for each test. */
const newUser = (name: string) => `${name}-${++names}`;

async function client(userId: string, path?: string): Promise<FirstClient> {
  const { token } = await admin<{ token: string }>("/chat/tokens", { userId });
  const made = new FirstClient({ port, token }, path);
  clients.push(made);
  return made;
}

async function connected(userId: string, path?: string): Promise<FirstClient> {
  const made = await client(userId, path);
  await made.connect();
  expect(made.status).toBe(101);
  return made;
}

/** Two users, each connected, and their conversation. */
async function pair() {
  const [a, b] = [newUser("ann"), newUser("bob")];
  const [ann, bob] = await Promise.all([connected(a), connected(b)]);
  const conversationId = await direct(ann, b);
  return { a, b, ann, bob, conversationId };
}

async function direct(from: FirstClient, userId: string): Promise<string> {
  const body = { recipientIdArr: [userId], isGroup: false, title: "" };
  const { status, json } = await from.call("POST", "/conversation", body);
  expect(status).toBe(200);
  return String(json.conversationId);
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

describe("1: the token is in the query string, as it is", () => {
  it.each([
    "/chat/ws/",
    "/chat/ws/prod/",
    "/chat/ws/dev/",
    "/chat/ws/any-stage/",
    "/chat/prod/ws/",
  ])("%s opens, with the slash before the query", async (path) => {
    const one = await connected(newUser("ann"), path);
    one.say({ action: "heartbeat" });
    one.say({ action: "nothing" });
    await waitFor(() => one.frames.length > 0, { what: "an answer", everyMs: 5 });
    // A heartbeat has no answer.
    expect(one.frames).toEqual([
      { message: "Forbidden", connectionId: expect.any(String), requestId: expect.any(String) },
    ]);
  });

  it("a bad or missing one is refused as what it is, not as a fault of the server", async () => {
    const one = await client(newUser("ann"));
    await one.connect("?Authorization=not.a.token");
    expect(one.status).toBe(401);
    await one.connect("");
    expect(one.status).toBe(401);
  });
});

describe("2: the sender hears of their own message", () => {
  it("with the same tempMessageId and seven keys, and so does every other device", async () => {
    const { a, ann, bob, conversationId } = await pair();
    const second = await connected(a);
    const tempMessageId = randomUUID();
    ann.send(conversationId, "안녕 <b>bob</b>", tempMessageId);
    const all = [ann, second, bob];
    await Promise.all(all.map((one) => one.has("new-message", 1)));
    for (const one of all) {
      expect(one.frames).toEqual([
        {
          type: "new-message",
          messageId: expect.stringMatching(UUID),
          tempMessageId,
          conversationId,
          senderId: a,
          content: "안녕 <b>bob</b>",
          sentAt: expect.stringMatching(ISO),
        },
      ]);
    }
    expect(ann.sending).toEqual([]);
  });

  it("whatever JSON the tempMessageId is, and whatever else is in the frame", async () => {
    const { ann, conversationId } = await pair();
    const ids = [17, "", { of: ["mine"] }, true];
    for (const tempMessageId of ids) {
      ann.say({ action: "send-message", tempMessageId, conversationId, content: "x", jwt: "old" });
    }
    await ann.has("new-message", ids.length);
    expect(ann.pushes("new-message").map(({ tempMessageId }) => tempMessageId)).toEqual(ids);
  });
});

describe("3: nobody shows a message twice", () => {
  it("a retry is the same message, and is not pushed again", async () => {
    const { ann, bob, conversationId } = await pair();
    const tempMessageId = randomUUID();
    for (let i = 0; i < 3; i++) ann.send(conversationId, "once", tempMessageId);
    ann.send(conversationId, "last", randomUUID());
    await Promise.all([ann, bob].map((one) => one.has("new-message", 2)));
    const { json } = await bob.get(`/conversations/${conversationId}/messages?limit=15&offset=0`);
    expect((json as unknown as { content: string }[]).map(({ content }) => content)).toEqual([
      "last",
      "once",
    ]);
    for (const one of [ann, bob]) {
      expect(one.pushes("new-message").map(({ content }) => content)).toEqual(["once", "last"]);
    }
  });

  it("not when the object that tells a user is replaced under an open socket", async () => {
    const { b, ann, bob, conversationId } = await pair();
    ann.send(conversationId, "before", randomUUID());
    await bob.has("new-message", 1);
    await platform.evictChat(b, "close");
    ann.send(conversationId, "behind", randomUUID());
    await bob.has("new-message", 2);
    expect(bob.pushes("new-message").map(({ content }) => content)).toEqual(["before", "behind"]);
  });
});

describe("4: pages by how many bubbles there are", () => {
  it("47 messages, of which some come live, without a gap or a repeat", async () => {
    const { ann, bob, conversationId } = await pair();
    for (let i = 1; i <= 40; i++) ann.send(conversationId, `${i}`, randomUUID());
    await ann.has("new-message", 40);
    await bob.show(conversationId);
    expect(bob.bubbles).toHaveLength(15);
    for (let i = 41; i <= 47; i++) ann.send(conversationId, `${i}`, randomUUID());
    await waitFor(() => bob.bubbles.length === 22, { what: "the live ones", everyMs: 5 });
    expect(await bob.more()).toBe(true);
    // Fewer than it asked for: that is all.
    expect(await bob.more()).toBe(false);
    expect(bob.bubbles).toEqual(Array.from({ length: 47 }, (_, i) => `${i + 1}`));
  });

  it("both parameters are required, and each row has five keys", async () => {
    const { a, ann, conversationId } = await pair();
    ann.send(conversationId, "x", randomUUID());
    await ann.has("new-message", 1);
    const path = `/conversations/${conversationId}/messages`;
    for (const [query, name] of [
      ["offset=0", "limit"],
      ["limit=15", "offset"],
    ]) {
      const { status, text } = await ann.get(`${path}?${query}`);
      expect([status, text]).toEqual([400, `Missing '${name}' in event parameter`]);
    }
    const [{ messageId, sentAt } = {}] = ann.pushes("new-message");
    expect((await ann.get(`${path}?limit=15&offset=0&order=asc`)).json).toEqual([
      { messageId, conversationId, sentAt, senderId: a, content: "x" },
    ]);
  });
});

describe("5: what is read", () => {
  it("is told to the reader's own devices with three keys, and to nobody else", async () => {
    const { b, ann, bob, conversationId } = await pair();
    const second = await connected(b);
    ann.send(conversationId, "read me", randomUUID());
    await Promise.all([bob, second].map((one) => one.has("new-message", 1)));
    expect(await bob.badge()).toBe(1);
    await bob.show(conversationId);
    await Promise.all([bob, second].map((one) => one.has("read-messages", 1)));
    for (const one of [bob, second]) {
      expect(one.pushes("read-messages")[0]).toEqual({
        type: "read-messages",
        conversationId,
        userId: b,
      });
    }
    expect(await bob.badge()).toBe(0);
    ann.send(conversationId, "and me", randomUUID());
    await bob.has("read-messages", 2);
    expect(await bob.badge()).toBe(0);
    expect(ann.pushes("read-messages")).toEqual([]);
  });
});

describe("6: a conversation that the client does not know yet", () => {
  it("has all that is shown of it, with each key as it always was", async () => {
    const { a, b, ann, bob, conversationId } = await pair();
    ann.send(conversationId, "who is this?", randomUUID());
    await bob.has("new-message", 1);
    expect((await bob.get(`/conversations/${conversationId}`)).json).toEqual({
      conversation_id: conversationId,
      title: "",
      isGroup: false,
      participantId: a,
    });
    const [{ sentAt } = {}] = bob.pushes("new-message");
    expect((await bob.get("/conversations")).json).toEqual([
      {
        conversationId,
        title: "",
        isGroup: false,
        sentAt,
        latestContent: "who is this?",
        senderId: a,
        isRead: false,
        participantId: a,
      },
    ]);
    const { json } = await bob.get(`/conversations/${conversationId}/participants`);
    expect((json as unknown as string[]).toSorted()).toEqual([a, b].toSorted());
  });
});

describe("7: the badge's list", () => {
  it("is an array, also an empty one, and knows no other filter", async () => {
    const one = await connected(newUser("ann"));
    expect((await one.get("/conversations?isRead=false")).json).toEqual([]);
    const { status, text } = await one.get("/conversations?isRead=maybe");
    expect([status, text]).toEqual([400, "Invalid parameter 'isRead'"]);
  });

  it("has one row for each conversation whose newest message is not read", async () => {
    const { b, ann, bob, conversationId } = await pair();
    const cho = await connected(newUser("cho"));
    const other = await direct(cho, b);
    ann.send(conversationId, "1", randomUUID());
    ann.send(conversationId, "2", randomUUID());
    cho.send(other, "3", randomUUID());
    await bob.has("new-message", 3);
    expect(await bob.badge()).toBe(2);
    bob.say({ action: "read-messages", conversationId });
    await bob.has("read-messages", 1);
    expect(await bob.badge()).toBe(1);
    expect(await ann.badge()).toBe(0);
  });
});

describe("8: one who was away", () => {
  it("is told what comes from then on; what came meanwhile is found by reading", async () => {
    const { ann, bob, conversationId } = await pair();
    await bob.show(conversationId);
    bob.close();
    ann.send(conversationId, "while you were away", randomUUID());
    await ann.has("new-message", 1);
    await bob.connect();
    expect(bob.bubbles).toEqual([]);
    await bob.show(conversationId);
    ann.send(conversationId, "you are back", randomUUID());
    await waitFor(() => bob.bubbles.length === 2, { what: "both", everyMs: 5 });
    expect(bob.bubbles).toEqual(["while you were away", "you are back"]);
    expect(bob.pushes("new-message").map(({ content }) => content)).toEqual(["you are back"]);
  });

  it("closing an old socket never deafens a new one", async () => {
    const { b, ann, bob, conversationId } = await pair();
    const fresh = await connected(b);
    bob.close();
    // The server has heard of it: the user is told by one connection alone.
    await bob.connect();
    bob.close();
    for (let i = 0; i < 5; i++) ann.send(conversationId, `${i}`, randomUUID());
    await fresh.has("new-message", 5);
    expect(fresh.pushes("new-message").map(({ content }) => content)).toEqual([
      "0",
      "1",
      "2",
      "3",
      "4",
    ]);
  });
});

describe("what could not be relied on", () => {
  it("anything else is answered as by the gateway, and the socket stays open", async () => {
    const { ann, conversationId } = await pair();
    for (const text of ["not json", "[]", "{}", '{"action":17}', '{"action":"close_connection"}']) {
      ann.say(text);
    }
    await waitFor(() => ann.frames.length === 5, { what: "five answers", everyMs: 5 });
    expect(ann.frames.every(({ message }) => message === "Forbidden")).toBe(true);
    ann.send(conversationId, "still here", randomUUID());
    await ann.has("new-message", 1);
  });

  it("one who is not in a conversation is told so, and reads nothing of it", async () => {
    const { ann, conversationId } = await pair();
    const eve = await connected(newUser("eve"));
    ann.send(conversationId, "secret", randomUUID());
    await ann.has("new-message", 1);
    for (const path of ["", "/messages?limit=15&offset=0", "/participants"]) {
      const { status, text } = await eve.get(`/conversations/${conversationId}${path}`);
      expect([path, status]).toEqual([path, 404]);
      expect(text).not.toContain("secret");
    }
    eve.send(conversationId, "let me in", randomUUID());
    await eve.has("error", 1);
    expect(eve.pushes("error")[0]).toMatchObject({
      code: "conversation_not_found",
      action: "send-message",
    });
    expect(ann.pushes("new-message")).toHaveLength(1);
  });

  it("a message that is too long is refused, not lost in silence", async () => {
    const { ann, conversationId } = await pair();
    ann.send(conversationId, "x".repeat(1000), randomUUID());
    await ann.has("new-message", 1);
    ann.send(conversationId, "x".repeat(1001), "long");
    await ann.has("error", 1);
    expect(ann.pushes("error")[0]).toMatchObject({
      code: "content_too_long",
      tempMessageId: "long",
    });
  });

  it("a group is made, and its messages reach everybody in it", async () => {
    const { b, ann, bob } = await pair();
    const c = newUser("cho");
    const cho = await connected(c);
    const make = (body: object) => ann.call("POST", "/conversation", body);
    const { status, json } = await make({ recipientIdArr: [b, c], isGroup: true, title: "점심" });
    expect(status).toBe(200);
    const conversationId = String(json.conversationId);
    cho.send(conversationId, "다 왔어요", randomUUID());
    await Promise.all([ann, bob, cho].map((one) => one.has("new-message", 1)));
    expect((await bob.get("/conversations")).json).toMatchObject([
      { conversationId, title: "점심", isGroup: true, latestContent: "다 왔어요", senderId: c },
    ]);
    for (const [body, text] of [
      [{ recipientIdArr: [b], isGroup: true, title: "x" }, "Invalid parameter 'recipientIdArr'"],
      [{ recipientIdArr: [b, c], isGroup: true, title: "" }, "Invalid parameter 'title'"],
      [{ recipientIdArr: [b, c], isGroup: false, title: "" }, "Invalid parameter 'recipientIdArr'"],
      [{ recipientIdArr: [b], isGroup: false }, "Missing 'title' in event body"],
    ] as const) {
      const refused = await make(body);
      expect([refused.status, refused.text]).toEqual([400, text]);
    }
  });

  it("a race of both sides for a direct conversation makes one", async () => {
    const [a, b] = [newUser("ann"), newUser("bob")];
    const [ann, bob] = await Promise.all([client(a), client(b)]);
    expect((await ann.get(`/conversation/direct/${b}`)).text).toBe("null");
    const made = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? direct(ann, b) : direct(bob, a))),
    );
    expect(new Set(made).size).toBe(1);
    const found = await bob.get(`/conversation/direct/${a}`);
    expect(found.json).toEqual({ conversationId: made[0] });
  });

  it("a time is the same text in pushes, lists and pages", async () => {
    const { ann, conversationId } = await pair();
    ann.send(conversationId, "when?", randomUUID());
    await ann.has("new-message", 1);
    const list = (await ann.get("/conversations")).json as unknown as { sentAt: string }[];
    const page = (await ann.get(`/conversations/${conversationId}/messages?limit=1&offset=0`))
      .json as unknown as { sentAt: string }[];
    const times = [ann.pushes("new-message")[0]?.sentAt, list[0]?.sentAt, page[0]?.sentAt];
    expect(times).toEqual(Array(3).fill(expect.stringMatching(ISO)));
    expect(new Set(times).size).toBe(1);
  });

  it("a refused token is 401 in JSON; a page of the reference client may call", async () => {
    const answer = await fetch(`http://127.0.0.1:${port()}/chat/prod/conversations`, {
      headers: { authorization: "not.a.token", origin: "http://localhost:4200" },
    });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ message: "Unauthorized" });
    expect(answer.headers.get("access-control-allow-origin")).toBe("http://localhost:4200");
  });
});
