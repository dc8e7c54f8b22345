import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  AddedParticipants,
  Blocked,
  Conversation,
  ConversationPage,
  DeletedMessage,
  EditedMessage,
  FirstConversation,
  FirstListed,
  FirstMessage,
  HasRead,
  ListedMessage,
  Me,
  Participant,
  PresenceList,
  SentMessage,
} from "../../src/chat-rest/schemas.ts";
import {
  type ChatAnswer,
  type ChatTenant,
  type Chatter,
  makeChat,
  makeChatter,
} from "./chat-callers.ts";
import type { Json } from "./support.ts";

/*
 * What version 2 adds to the calls: cursors, sending, editing, deleting, reading, members, mutes and blocks.
 */

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let chat: ChatTenant;
let alice: Chatter;
let bob: Chatter;
let carol: Chatter;

beforeAll(async () => {
  chat = await makeChat("chat");
  [alice, bob, carol] = await Promise.all([
    makeChatter(chat, "alice", { name: "Alice" }),
    makeChatter(chat, "bob"),
    makeChatter(chat, "carol"),
  ]);
});

async function makeConversation(by: Chatter, to: string[], title = ""): Promise<string> {
  const body = { recipientIdArr: to, isGroup: title !== "", title };
  const { status, json } = await by.call("POST", "/conversation", body);
  expect(status).toBe(200);
  return String(json.conversationId);
}

async function write(by: Chatter, id: string, content: string, tempMessageId?: unknown) {
  const body = { content, ...(tempMessageId !== undefined && { tempMessageId }) };
  const { status, json } = await by.call("POST", `/conversations/${id}/messages`, body);
  expect(status).toBe(200);
  return { ...json, messageId: String(json.messageId), sentAt: String(json.sentAt) };
}

async function page(by: Chatter, id: string, query = "v=2"): Promise<Json[]> {
  const { status, json } = await by.call("GET", `/conversations/${id}/messages?${query}`);
  expect(status).toBe(200);
  return json as unknown as Json[];
}

const contents = (rows: Json[]) => rows.map(({ content }) => content);
const refusal = ({ status, text }: ChatAnswer) => [status, text];

describe("POST /conversations/{id}/messages", () => {
  it("stores a message once, however often it is sent", async () => {
    const id = await makeConversation(alice, ["bob"]);
    const sent = await write(alice, id, "hello", "t-1");
    expect(sent).toMatchObject({
      conversationId: id,
      tempMessageId: "t-1",
      sentAt: expect.stringMatching(TIME),
    });
    const [again, racing] = await Promise.all([
      write(alice, id, "hello", "t-1"),
      write(alice, id, "hello", "t-1"),
    ]);
    for (const repeat of [again, racing]) {
      expect([repeat.messageId, repeat.sentAt]).toEqual([sent.messageId, sent.sentAt]);
    }
    expect(contents(await page(bob, id))).toEqual(["hello"]);
    // Another user's, and another conversation's, are other messages.
    expect((await write(bob, id, "hello", "t-1")).messageId).not.toBe(sent.messageId);
  });

  it("without a tempMessageId each one is new", async () => {
    const id = await makeConversation(alice, ["bob"]);
    const [one, two] = [await write(alice, id, "x"), await write(alice, id, "x", "")];
    expect(one.messageId).not.toBe(two.messageId);
    expect(one).not.toHaveProperty("tempMessageId");
  });

  it("takes 10,000 characters, whatever they are", async () => {
    const id = await makeConversation(alice, ["bob"]);
    const long = "한\u0000".repeat(5_000);
    await write(alice, id, long);
    expect(contents(await page(bob, id, "v=2&limit=1"))).toEqual([long]);
    const path = `/conversations/${id}/messages`;
    const { status, text } = await alice.call("POST", path, { content: `${long}x` });
    expect([status, text]).toEqual([400, expect.stringContaining("10000")]);
  });

  it.each([
    [{}, "Missing 'content' in event body"],
    [{ content: null }, "Missing 'content' in event body"],
    [{ content: "" }, expect.stringContaining("content")],
    [{ content: 1 }, expect.stringContaining("'content'")],
    [{ content: "x", tempMessageId: "x".repeat(300) }, expect.stringContaining("tempMessageId")],
  ])("%j is 400", async (body, text) => {
    const id = await makeConversation(alice, ["bob"]);
    expect(refusal(await alice.call("POST", `/conversations/${id}/messages`, body))).toEqual([
      400,
      text,
    ]);
  });
});

describe("GET /conversations/{id}/messages", () => {
  let id: string;
  const ids: string[] = [];
  beforeAll(async () => {
    id = await makeConversation(alice, ["bob", "carol"], "Long");
    for (let n = 1; n <= 9; n++) ids.push((await write(alice, id, `m${n}`)).messageId);
  });
  const at = (n: number) => ids[n - 1];

  it("v=2 has number, edit and deletion of each", async () => {
    const other = await makeConversation(alice, ["carol"]);
    const [a, b] = [await write(alice, other, "a"), await write(alice, other, "b")];
    const path = `/conversations/${other}/messages`;
    await alice.call("PATCH", `${path}/${a.messageId}`, { content: "A" });
    await alice.call("DELETE", `${path}/${b.messageId}`);
    const [second, first] = await page(carol, other);
    expect(Object.keys(first ?? {}).toSorted()).toEqual(
      [
        "messageId",
        "conversationId",
        "seq",
        "senderId",
        "content",
        "sentAt",
        "editedAt",
        "deletedAt",
      ].toSorted(),
    );
    expect(first).toMatchObject({
      content: "A",
      editedAt: expect.stringMatching(TIME),
      deletedAt: null,
    });
    expect(second).toMatchObject({
      content: "",
      editedAt: null,
      deletedAt: expect.stringMatching(TIME),
    });
    expect(Number(second?.seq)).toBeGreaterThan(Number(first?.seq));
  });

  it("before and after are ids; a page lies beside them", async () => {
    expect(contents(await page(bob, id, `before=${at(8)}&limit=3`))).toEqual(["m7", "m6", "m5"]);
    expect(contents(await page(bob, id, `before=${at(8)}&limit=3&order=asc`))).toEqual([
      "m5",
      "m6",
      "m7",
    ]);
    expect(contents(await page(bob, id, `after=${at(2)}&limit=3&order=asc`))).toEqual([
      "m3",
      "m4",
      "m5",
    ]);
    expect(contents(await page(bob, id, `after=${at(2)}&limit=3`))).toEqual(["m5", "m4", "m3"]);
    expect(await page(bob, id, `before=${at(1)}`)).toEqual([]);
    expect(await page(bob, id, `after=${at(9)}`)).toEqual([]);
  });

  it("all of them are had by going back, while others write", async () => {
    const seen: unknown[] = [];
    let query = "v=2&limit=2";
    for (;;) {
      const rows = await page(carol, id, query);
      seen.push(...contents(rows));
      const last = rows.at(-1);
      if (!last) break;
      await write(bob, id, "later");
      query = `limit=2&before=${last.messageId}`;
    }
    expect(seen).toEqual(["m9", "m8", "m7", "m6", "m5", "m4", "m3", "m2", "m1"]);
  });

  it.each([
    ["v=2&limit=101", "'limit'"],
    ["v=2&order=up", "'order'"],
    ["after=A&offset=0", "'offset'"],
    ["before=A&after=A", "'offset'"],
    ["v=1&limit=5", "'offset'"],
  ])("?%s is 400", async (query, said) => {
    const answer = await bob.call(
      "GET",
      `/conversations/${id}/messages?${query.replaceAll("A", String(at(5)))}`,
    );
    expect(refusal(answer)).toEqual([400, expect.stringContaining(said)]);
  });

  it("a cursor that is no message here is 404", async () => {
    const elsewhere = await makeConversation(alice, ["dora"]);
    const { messageId } = await write(alice, elsewhere, "x");
    for (const cursor of [messageId, crypto.randomUUID(), "x"]) {
      const answer = await alice.call("GET", `/conversations/${id}/messages?before=${cursor}`);
      expect([cursor, answer.status]).toEqual([cursor, 404]);
    }
  });
});

describe("GET /conversations", () => {
  it("limit and before give pages, also of conversations without a message", async () => {
    const gil = await makeChatter(chat, "gil");
    const all: string[] = [];
    for (let n = 0; n < 5; n++) all.unshift(await makeConversation(gil, [`friend-${n}`]));
    const seen: string[] = [];
    let query = "?limit=2";
    for (;;) {
      const { status, json } = await gil.call("GET", `/conversations${query}`);
      expect(status).toBe(200);
      const rows = json.conversations as Json[];
      expect(rows.length).toBeLessThanOrEqual(2);
      seen.push(...rows.map(({ conversationId }) => String(conversationId)));
      if (json.next === null) break;
      query = `?limit=2&before=${encodeURIComponent(json.next as string)}`;
    }
    expect(seen.toSorted()).toEqual(all.toSorted());
    expect(await gil.call("GET", "/conversations")).toMatchObject({ json: [] });
  });

  it("v=2 tells the latest message, what is unread, and what is mine of it", async () => {
    const hal = await makeChatter(chat, "hal");
    const id = await makeConversation(bob, ["hal"]);
    const { messageId } = await write(bob, id, "one");
    await write(bob, id, "two");
    await hal.call("POST", `/conversations/${id}/read`, { messageId });
    const { json } = await hal.call("GET", "/conversations?v=2");
    expect(json).toEqual({
      conversations: [
        {
          conversationId: id,
          title: "",
          isGroup: false,
          createdBy: "bob",
          createdAt: expect.stringMatching(TIME),
          participantId: "bob",
          isMuted: false,
          lastReadMessageId: messageId,
          latest: expect.objectContaining({ content: "two", senderId: "bob" }),
          isRead: false,
          unread: 1,
        },
      ],
      next: null,
    });
    expect((await hal.call("GET", "/me")).json).toEqual({ userId: "hal", name: "", unread: 1 });
    await hal.call("POST", `/conversations/${id}/read`);
    expect((await hal.call("GET", "/me")).json).toMatchObject({ unread: 0 });
  });

  it.each(["before=x", "limit=0", "limit=101", "v=2&isRead=1"])("?%s is 400", async (query) => {
    expect((await alice.call("GET", `/conversations?${query}`)).status).toBe(400);
  });
});

describe("messages of one's own", () => {
  it("are edited and deleted by their sender only", async () => {
    const id = await makeConversation(alice, ["bob"]);
    const { messageId } = await write(alice, id, "hello");
    const path = `/conversations/${id}/messages/${messageId}`;
    expect((await bob.call("PATCH", path, { content: "x" })).status).toBe(403);
    expect((await bob.call("DELETE", path)).status).toBe(403);
    const edited = await alice.call("PATCH", path, { content: "hello!" });
    expect([edited.status, edited.json]).toMatchObject([
      200,
      { messageId, editedAt: expect.stringMatching(TIME) },
    ]);
    expect(contents(await page(bob, id, "v=2&limit=1"))).toEqual(["hello!"]);
    const deleted = await alice.call("DELETE", path);
    expect([deleted.status, deleted.json]).toMatchObject([
      200,
      { messageId, deletedAt: expect.stringMatching(TIME) },
    ]);
    expect(contents(await page(bob, id, "v=2&limit=1"))).toEqual([""]);
  });

  it("that do not exist are 404; an edit needs a text", async () => {
    const id = await makeConversation(alice, ["bob"]);
    const { messageId } = await write(alice, id, "hello");
    const nowhere = `/conversations/${id}/messages/${crypto.randomUUID()}`;
    expect((await alice.call("PATCH", nowhere, { content: "x" })).status).toBe(404);
    expect((await alice.call("DELETE", nowhere)).status).toBe(404);
    const path = `/conversations/${id}/messages/${messageId}`;
    expect(refusal(await alice.call("PATCH", path, {}))).toEqual([
      400,
      "Missing 'content' in event body",
    ]);
    for (const content of ["", "x".repeat(10_001), 1]) {
      expect((await alice.call("PATCH", path, { content })).status).toBe(400);
    }
  });
});

describe("POST /conversations/{id}/read", () => {
  it("goes forward to a message, and never back", async () => {
    const id = await makeConversation(alice, ["bob"]);
    const one = await write(alice, id, "1");
    const two = await write(alice, id, "2");
    const read = async (messageId?: string) =>
      (await bob.call("POST", `/conversations/${id}/read`, messageId && { messageId })).json;
    expect(await read(one.messageId)).toEqual({
      messageId: one.messageId,
      readAt: expect.stringMatching(TIME),
    });
    expect(await read()).toMatchObject({ messageId: two.messageId });
    expect(await read(one.messageId)).toMatchObject({ messageId: two.messageId });
    const { json } = await alice.call("GET", `/conversations/${id}/participants?detail=1`);
    expect(json).toEqual(
      expect.arrayContaining([
        {
          userId: "bob",
          name: expect.any(String),
          joinedAt: expect.stringMatching(TIME),
          lastReadMessageId: two.messageId,
        },
      ]),
    );
  });

  it("of no message here is 404, and of no id 400", async () => {
    const id = await makeConversation(alice, ["bob"]);
    const path = `/conversations/${id}/read`;
    expect((await bob.call("POST", path, { messageId: crypto.randomUUID() })).status).toBe(404);
    expect((await bob.call("POST", path, { messageId: 1 })).status).toBe(400);
  });
});

describe("groups", () => {
  it("are renamed, joined and left", async () => {
    const id = await makeConversation(alice, ["bob", "carol"], "Old");
    const path = `/conversations/${id}`;
    const renamed = await bob.call("PATCH", path, { title: "New" });
    expect([renamed.status, renamed.json]).toMatchObject([
      200,
      { conversationId: id, title: "New" },
    ]);
    const added = await carol.call("POST", `${path}/participants`, {
      userIds: ["dora", "bob", "dora"],
    });
    expect([added.status, added.json]).toEqual([200, { added: ["dora"] }]);
    expect((await bob.call("DELETE", `${path}/participants/carol`)).status).toBe(403);
    const removed = await alice.call("DELETE", `${path}/participants/carol`);
    expect([removed.status, removed.text]).toEqual([204, ""]);
    expect((await bob.call("DELETE", `${path}/participants/me`)).status).toBe(204);
    for (const gone of [bob, carol]) expect((await gone.call("GET", path)).status).toBe(404);
    const { json } = await alice.call("GET", `${path}/participants`);
    expect((json as unknown as string[]).toSorted()).toEqual(["alice", "dora"]);
  });

  it("whoever joins later sees what is written from then on", async () => {
    const id = await makeConversation(alice, ["bob", "carol"], "Later");
    await write(alice, id, "before");
    const eve = await makeChatter(chat, "eve");
    await alice.call("POST", `/conversations/${id}/participants`, { userIds: ["eve"] });
    await write(alice, id, "after");
    expect(contents(await page(eve, id))).toEqual(["after"]);
  });

  it("a repeat with one tempConversationId makes one group", async () => {
    const body = {
      recipientIdArr: ["bob", "carol"],
      isGroup: true,
      title: "Once",
      tempConversationId: "k",
    };
    const [one, two] = [
      await alice.call("POST", "/conversation?v=2", body),
      await alice.call("POST", "/conversation?v=2", body),
    ];
    expect([one.status, two.json]).toEqual([200, one.json]);
    const bad = { ...body, tempConversationId: "" };
    expect((await alice.call("POST", "/conversation?v=2", bad)).status).toBe(400);
  });

  it.each([
    ["PATCH", "", {}, 400],
    ["PATCH", "", { title: "" }, 400],
    ["PATCH", "", { title: "x".repeat(301) }, 400],
    ["POST", "/participants", {}, 400],
    ["POST", "/participants", { userIds: [] }, 400],
    ["POST", "/participants", { userIds: [1] }, 400],
    ["POST", "/participants", { userIds: "dora" }, 400],
    ["POST", "/participants", { userIds: Array.from({ length: 100 }, (_, i) => `u${i}`) }, 400],
  ])("%s %s of %j is refused", async (method, path, body, status) => {
    const id = await makeConversation(alice, ["bob", "carol"], "Group");
    expect((await alice.call(method, `/conversations/${id}${path}`, body)).status).toBe(status);
  });

  it("a direct conversation has no title, and nobody joins or leaves it", async () => {
    const id = await makeConversation(alice, ["bob"]);
    const path = `/conversations/${id}`;
    expect((await alice.call("PATCH", path, { title: "x" })).status).toBe(403);
    expect((await alice.call("POST", `${path}/participants`, { userIds: ["x"] })).status).toBe(403);
    expect((await alice.call("DELETE", `${path}/participants/me`)).status).toBe(403);
  });
});

describe("mutes and blocks", () => {
  it("a conversation is muted for oneself", async () => {
    const id = await makeConversation(alice, ["bob"]);
    const isMuted = async (by: Chatter) =>
      (await by.call("GET", `/conversations/${id}?v=2`)).json.isMuted;
    const muted = await alice.call("PUT", `/conversations/${id}/mute`);
    expect([muted.status, muted.text, await isMuted(alice), await isMuted(bob)]).toEqual([
      204,
      "",
      true,
      false,
    ]);
    expect((await alice.call("DELETE", `/conversations/${id}/mute`)).status).toBe(204);
    expect(await isMuted(alice)).toBe(false);
  });

  it("who is blocked can neither begin a conversation nor write in the direct one", async () => {
    const ivy = await makeChatter(chat, "ivy");
    const id = await makeConversation(bob, ["ivy"]);
    const put = await ivy.call("PUT", "/blocks/bob");
    expect([put.status, put.text]).toEqual([204, ""]);
    expect((await ivy.call("GET", "/blocks")).json).toEqual(["bob"]);
    expect((await ivy.call("GET", "/blocks/bob")).json).toEqual({ userId: "bob", isBlocked: true });
    const body = { content: "x" };
    expect((await bob.call("POST", `/conversations/${id}/messages`, body)).status).toBe(403);
    const jan = await makeChatter(chat, "jan");
    await jan.call("PUT", "/blocks/bob");
    const wanted = { recipientIdArr: ["jan"], isGroup: false, title: "" };
    expect((await bob.call("POST", "/conversation", wanted)).status).toBe(403);
    expect((await ivy.call("DELETE", "/blocks/bob")).status).toBe(204);
    expect((await ivy.call("GET", "/blocks/bob")).json).toEqual({
      userId: "bob",
      isBlocked: false,
    });
    expect((await bob.call("POST", `/conversations/${id}/messages`, body)).status).toBe(200);
  });

  it.each(["alice", "x".repeat(129), "%0A"])("PUT /blocks/%s is 400", async (id) => {
    expect((await alice.call("PUT", `/blocks/${id}`)).status).toBe(400);
  });
});

describe("the description", () => {
  it("says all that is answered", async () => {
    const id = await makeConversation(alice, ["bob", "carol"], "Described");
    const sent = await write(bob, id, "x", "t");
    const path = `/conversations/${id}`;
    const said: [z.ZodType, ChatAnswer][] = [
      [z.array(FirstListed), await alice.call("GET", "/conversations")],
      [ConversationPage, await alice.call("GET", "/conversations?v=2")],
      [FirstConversation, await alice.call("GET", path)],
      [Conversation, await alice.call("GET", `${path}?v=2`)],
      [z.array(FirstMessage), await alice.call("GET", `${path}/messages?limit=1&offset=0`)],
      [z.array(ListedMessage), await alice.call("GET", `${path}/messages?v=2`)],
      [
        SentMessage,
        await alice.call("POST", `${path}/messages`, { content: "y", tempMessageId: 1 }),
      ],
      [
        EditedMessage,
        await bob.call("PATCH", `${path}/messages/${sent.messageId}`, { content: "z" }),
      ],
      [DeletedMessage, await bob.call("DELETE", `${path}/messages/${sent.messageId}`)],
      [HasRead, await bob.call("POST", `${path}/read`)],
      [z.array(Participant), await bob.call("GET", `${path}/participants?detail=1`)],
      [AddedParticipants, await bob.call("POST", `${path}/participants`, { userIds: ["dora"] })],
      [Me, await bob.call("GET", "/me")],
      [Blocked, await bob.call("GET", "/blocks/dora")],
      [PresenceList, await bob.call("GET", "/presence")],
    ];
    for (const [schema, { status, json }] of said) {
      expect(status).toBe(200);
      expect(json).not.toEqual([]);
      // What a schema does not say is not in what it has parsed.
      expect(schema.parse(json)).toEqual(json);
    }
  });
});
