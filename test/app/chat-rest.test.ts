import { beforeAll, describe, expect, it } from "vitest";
import { type ChatTenant, type Chatter, makeChat, makeChatter } from "./chat-callers.ts";
import type { Json } from "./support.ts";

/*
 * What clients of version 1 call (contract, section 4): exact keys, casing and texts. Messages are written by a call of
 * version 2, as version 1 writes over its socket.
 */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const NOWHERE = crypto.randomUUID();

let chat: ChatTenant;
let alice: Chatter;
let bob: Chatter;
let carol: Chatter;

beforeAll(async () => {
  chat = await makeChat("chat");
  // As they come from a Cognito user pool.
  alice = await makeChatter(chat, "0b5e1c7e-3f44-4c1f-9d3c-2f6f3f0f7a11", { prefix: "/chat/prod" });
  bob = await makeChatter(chat, "google_1234567890", { prefix: "/chat/prod" });
  carol = await makeChatter(chat, "carol");
});

function create(by: Chatter, to: (Chatter | string)[], title = "", isGroup = title !== "") {
  const recipientIdArr = to.map((one) => (typeof one === "string" ? one : one.id));
  return by.call("POST", "/conversation", { recipientIdArr, isGroup, title });
}

async function makeConversation(
  by: Chatter,
  to: (Chatter | string)[],
  title = "",
): Promise<string> {
  const { status, json } = await create(by, to, title);
  expect(status).toBe(200);
  return String(json.conversationId);
}

async function write(by: Chatter, conversationId: string, content: string): Promise<Json> {
  const { status, json } = await by.call("POST", `/conversations/${conversationId}/messages`, {
    content,
  });
  expect(status).toBe(200);
  return json;
}

async function list(by: Chatter, query = ""): Promise<Json[]> {
  const { status, json } = await by.call("GET", `/conversations${query}`);
  expect(status).toBe(200);
  expect(json).toBeInstanceOf(Array);
  return json as unknown as Json[];
}

async function messages(by: Chatter, id: string, query: string): Promise<Json[]> {
  const { status, json } = await by.call("GET", `/conversations/${id}/messages?${query}`);
  expect(status).toBe(200);
  return json as unknown as Json[];
}

const contents = (page: Json[]) => page.map(({ content }) => content);

describe("POST /conversation", () => {
  it("finds or makes a direct conversation: both sides, always, and at once, get the same one", async () => {
    const first = await create(alice, [bob]);
    expect([first.status, Object.keys(first.json)]).toEqual([200, ["conversationId"]]);
    expect(first.json.conversationId).toMatch(UUID);
    const others = await Promise.all([
      create(alice, [bob]),
      create(bob, [alice]),
      create(bob, [alice]),
    ]);
    for (const { json } of others) expect(json).toEqual(first.json);
    const racing = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        i % 2 ? create(alice, ["somebody-new"]) : create(alice, ["somebody-new"]),
      ),
    );
    expect(new Set(racing.map(({ json }) => json.conversationId)).size).toBe(1);
  });

  it("makes a group, each time another one", async () => {
    const [one, two] = [
      await create(alice, [bob, carol], "Team"),
      await create(alice, [bob, carol], "Team"),
    ];
    expect([one.status, Object.keys(one.json)]).toEqual([200, ["conversationId"]]);
    expect(one.json.conversationId).not.toBe(two.json.conversationId);
  });

  const whole = { recipientIdArr: ["x"], isGroup: false, title: "" };
  const group = { recipientIdArr: ["x", "y"], isGroup: true, title: "T" };
  it.each<[string, unknown]>([
    ["Missing 'recipientIdArr' in event body", undefined],
    ["Missing 'recipientIdArr' in event body", {}],
    ["Missing 'recipientIdArr' in event body", { ...whole, recipientIdArr: null }],
    ["Missing 'isGroup' in event body", { recipientIdArr: ["x"] }],
    ["Missing 'isGroup' in event body", { ...whole, isGroup: null }],
    ["Missing 'title' in event body", { recipientIdArr: ["x"], isGroup: false }],
    ["Missing 'title' in event body", { ...whole, title: null }],
    ["Invalid parameter 'recipientIdArr'", { ...whole, recipientIdArr: [] }],
    ["Invalid parameter 'recipientIdArr'", { ...whole, recipientIdArr: ["x", "y"] }],
    ["Invalid parameter 'recipientIdArr'", { ...whole, recipientIdArr: "x" }],
    ["Invalid parameter 'recipientIdArr'", { ...whole, recipientIdArr: [1] }],
    ["Invalid parameter 'recipientIdArr'", { ...whole, recipientIdArr: [""] }],
    ["Invalid parameter 'recipientIdArr'", { ...whole, recipientIdArr: ["x".repeat(129)] }],
    ["Invalid parameter 'recipientIdArr'", { ...whole, recipientIdArr: ["carol"] }],
    ["Invalid parameter 'recipientIdArr'", { ...group, recipientIdArr: ["x"] }],
    ["Invalid parameter 'recipientIdArr'", { ...group, recipientIdArr: ["x", "x"] }],
    ["Invalid parameter 'recipientIdArr'", { ...group, recipientIdArr: ["x", "carol"] }],
    ["Invalid parameter 'title'", { ...group, title: "" }],
    ["Invalid parameter 'title'", { ...group, title: " " }],
    ["Invalid parameter 'title'", { ...group, title: "x".repeat(301) }],
    ["Invalid parameter 'title'", { ...group, title: 1 }],
    ["Invalid parameter 'isGroup'", { ...whole, isGroup: "false" }],
  ])("%s: %j", async (text, body) => {
    const answer = await carol.call("POST", "/conversation", body);
    expect([answer.status, answer.text]).toEqual([400, text]);
    expect(answer.headers.get("content-type")).toContain("text/plain");
  });

  it("a group has 100 participants at most", async () => {
    const many = Array.from({ length: 100 }, (_, i) => `user-${i}`);
    const { status, text } = await create(alice, many, "All");
    expect([status, text]).toEqual([400, expect.stringContaining("100")]);
    expect((await create(alice, many.slice(1), "All but one")).status).toBe(200);
  });

  it("takes fields that it does not know, and any type of body, as it always has", async () => {
    const body = { recipientIdArr: [bob.id], isGroup: false, title: "", jwt: "x" };
    for (const type of ["application/json", "text/plain", "application/octet-stream"]) {
      const answer = await alice.call("POST", "/conversation", body, { "content-type": type });
      expect([type, answer.status]).toEqual([type, 200]);
    }
  });
});

describe("GET /conversation/direct/{userId}", () => {
  it("is the conversation, or null", async () => {
    const dora = await makeChatter(chat, "dora|with/odd %chars");
    const path = `/conversation/direct/${encodeURIComponent(dora.id)}`;
    const none = await alice.call("GET", path);
    expect([none.status, none.text]).toEqual([200, "null"]);
    const conversationId = await makeConversation(dora, [alice]);
    const found = await alice.call("GET", `${path}/`);
    expect([found.status, found.json]).toEqual([200, { conversationId }]);
    expect((await dora.call("GET", `/conversation/direct/${alice.id}`)).json).toEqual({
      conversationId,
    });
  });

  it("a group with the same two is none", async () => {
    const eve = await makeChatter(chat, "eve");
    await makeConversation(eve, [alice, bob], "Three");
    expect((await eve.call("GET", `/conversation/direct/${alice.id}`)).text).toBe("null");
  });
});

describe("GET /conversations", () => {
  it("has those with a message, the newest first, with exactly the keys that clients read", async () => {
    const fay = await makeChatter(chat, "fay");
    const direct = await makeConversation(fay, [bob]);
    const group = await makeConversation(fay, [bob, carol], "Group");
    await makeConversation(fay, [carol]);
    expect(await list(fay)).toEqual([]);
    await write(fay, direct, "first");
    await write(bob, group, "hi");
    expect(await list(fay)).toEqual([
      {
        conversationId: group,
        title: "Group",
        isGroup: true,
        sentAt: expect.stringMatching(TIME),
        latestContent: "hi",
        senderId: bob.id,
        isRead: false,
        participantId: expect.stringMatching(/^(google_1234567890|carol)$/),
      },
      {
        conversationId: direct,
        title: "",
        isGroup: false,
        sentAt: expect.stringMatching(TIME),
        latestContent: "first",
        senderId: fay.id,
        isRead: true,
        participantId: bob.id,
      },
    ]);
    await write(bob, direct, "second");
    expect((await list(fay)).map(({ conversationId }) => conversationId)).toEqual([direct, group]);
  });

  it("isRead filters by the newest message alone; one's own is read", async () => {
    const gil = await makeChatter(chat, "gil");
    const id = await makeConversation(gil, [bob]);
    const ids = async (query: string) => (await list(gil, query)).map((one) => one.conversationId);
    await write(bob, id, "for gil");
    expect([await ids("?isRead=false"), await ids("?isRead=true")]).toEqual([[id], []]);
    await write(gil, id, "answer");
    expect([await ids("?isRead=false"), await ids("?isRead=true")]).toEqual([[], [id]]);
    await write(bob, id, "again");
    expect(await ids("?isRead=false")).toEqual([id]);
    await gil.call("POST", `/conversations/${id}/read`);
    expect([await ids("?isRead=false"), await ids("?isRead=true")]).toEqual([[], [id]]);
  });

  it.each(["", "1", "TRUE", "yes"])("isRead=%s is 400", async (value) => {
    const { status, text } = await alice.call("GET", `/conversations?isRead=${value}`);
    expect([status, text]).toEqual([400, "Invalid parameter 'isRead'"]);
  });
});

describe("GET /conversations/{conversationId}", () => {
  it("has its id by another name, and another participant", async () => {
    const id = await makeConversation(alice, [bob]);
    for (const [by, participantId] of [
      [alice, bob.id],
      [bob, alice.id],
    ] as const) {
      const { status, json } = await by.call("GET", `/conversations/${id}`);
      expect([status, json]).toEqual([
        200,
        { conversation_id: id, title: "", isGroup: false, participantId },
      ]);
    }
    const group = await makeConversation(alice, [bob, carol], "Group");
    expect((await carol.call("GET", `/conversations/${group}/`)).json).toMatchObject({
      conversation_id: group,
      title: "Group",
      isGroup: true,
    });
  });

  it.each([NOWHERE, "not-a-uuid", "x".repeat(500), "%00", "'"])("%s is 404", async (id) => {
    const { status, text } = await alice.call("GET", `/conversations/${id}`);
    expect([status, text]).toEqual([404, expect.any(String)]);
  });
});

describe("GET /conversations/{conversationId}/messages", () => {
  let id: string;
  beforeAll(async () => {
    id = await makeConversation(alice, [carol]);
    for (let n = 1; n <= 7; n++) await write(n % 2 ? alice : carol, id, `m${n}`);
  });

  it("is cut from the newest; order turns the page only", async () => {
    expect(contents(await messages(alice, id, "limit=3&offset=0"))).toEqual(["m7", "m6", "m5"]);
    expect(contents(await messages(alice, id, "limit=3&offset=0&order=asc"))).toEqual([
      "m5",
      "m6",
      "m7",
    ]);
    expect(contents(await messages(alice, id, "limit=3&offset=3&order=asc"))).toEqual([
      "m2",
      "m3",
      "m4",
    ]);
    expect(contents(await messages(carol, id, "limit=3&offset=6&order=whatever"))).toEqual(["m1"]);
    expect(await messages(alice, id, "limit=3&offset=7")).toEqual([]);
  });

  it("has exactly the five keys", async () => {
    expect(await messages(alice, id, "limit=1&offset=0")).toEqual([
      {
        messageId: expect.stringMatching(UUID),
        conversationId: id,
        sentAt: expect.stringMatching(TIME),
        senderId: alice.id,
        content: "m7",
      },
    ]);
  });

  it("a deleted message keeps its place, an edited one shows its new text", async () => {
    const other = await makeConversation(bob, [carol]);
    const sent = [
      await write(bob, other, "a"),
      await write(bob, other, "b"),
      await write(carol, other, "c"),
    ];
    const path = `/conversations/${other}/messages/`;
    await bob.call("DELETE", path + sent[1]?.messageId);
    await bob.call("PATCH", path + sent[0]?.messageId, { content: "A" });
    expect(contents(await messages(carol, other, "limit=9&offset=0&order=asc"))).toEqual([
      "A",
      "(deleted)",
      "c",
    ]);
    await carol.call("DELETE", path + sent[2]?.messageId);
    const [listed] = (await list(carol)).filter(({ conversationId }) => conversationId === other);
    expect(listed).toMatchObject({ latestContent: "(deleted)", senderId: carol.id });
  });

  it.each([
    ["offset=0", "Missing 'limit' in event parameter"],
    ["", "Missing 'limit' in event parameter"],
    ["limit=5", "Missing 'offset' in event parameter"],
    ["limit=x&offset=0", "Invalid parameter 'limit': give a whole number from 1 to 100"],
    ["limit=101&offset=0", "Invalid parameter 'limit': give a whole number from 1 to 100"],
    ["limit=0&offset=0", "Invalid parameter 'limit': give a whole number from 1 to 100"],
    ["limit=1.5&offset=0", "Invalid parameter 'limit': give a whole number from 1 to 100"],
    ["limit=5&offset=-1", "Invalid parameter 'offset': give a whole number from 0 to 100000"],
    ["limit=5&offset=", "Invalid parameter 'offset': give a whole number from 0 to 100000"],
    ["limit=5&offset=1e3", "Invalid parameter 'offset': give a whole number from 0 to 100000"],
  ])("?%s is 400: %s", async (query, expected) => {
    const { status, text, headers } = await alice.call(
      "GET",
      `/conversations/${id}/messages?${query}`,
    );
    expect([status, text]).toEqual([400, expected]);
    expect(headers.get("content-type")).toContain("text/plain");
  });
});

describe("GET /conversations/{conversationId}/participants", () => {
  it("is an array of ids, the caller's too", async () => {
    const id = await makeConversation(alice, [bob, carol], "Group");
    const { status, json } = await bob.call("GET", `/conversations/${id}/participants`);
    expect([status, (json as unknown as string[]).toSorted()]).toEqual([
      200,
      [alice.id, bob.id, carol.id].toSorted(),
    ]);
  });
});
