import { beforeAll, describe, expect, it } from "vitest";
import { exampleOf } from "../../src/admin/docs-example.ts";
import { type ChatTenant, type Chatter, callChat, makeChat, makeChatter } from "./chat-callers.ts";
import { bodySchema, type Call, callsOf, type Document, fetchDocument } from "./document.ts";

/*
 * A conversation is 404 for all but its participants: another user of the organization, one who was removed, and the
 * same user id in another organization. The calls are made from the document, so a new one is tried as soon as it is
 * described.
 */

let document: Document;
let calls: Call[];
let ours: ChatTenant;
let alice: Chatter;
let id: string;
let messageId: string;
const strangers: Record<string, Chatter> = {};

beforeAll(async () => {
  document = await fetchDocument();
  calls = callsOf(document).filter(({ path }) => path.startsWith("/chat/conversations/"));
  ours = await makeChat("chat");
  const theirs = await makeChat("chat-of-another");
  alice = await makeChatter(ours, "alice");
  strangers.stranger = await makeChatter(ours, "stranger");
  strangers.removed = await makeChatter(ours, "removed");
  strangers.alice = await makeChatter(theirs, "alice");
  const group = { recipientIdArr: ["bob", "removed"], isGroup: true, title: "Secret title" };
  id = String((await alice.call("POST", "/conversation", group)).json.conversationId);
  const path = `/conversations/${id}`;
  const sent = await alice.call("POST", `${path}/messages`, { content: "Secret text" });
  messageId = String(sent.json.messageId);
  await alice.call("DELETE", `${path}/participants/removed`);
});

/** Below `/chat`, with the conversation's ids in it. */
function concrete(path: string): string {
  const ids: Record<string, string> = { conversationId: id, messageId, userId: "bob" };
  return path.slice("/chat".length).replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = ids[name];
    if (!value) throw new Error(`${path}: teach this test a value for {${name}}`);
    return value;
  });
}

function bodyOf(one: Call): unknown {
  const schema = bodySchema(document, one);
  // The smallest list that the schema takes names nobody.
  if (schema && one.path.endsWith("/participants")) return { userIds: ["mallory"] };
  return schema && exampleOf(schema, document.components.schemas);
}

describe("a conversation of others", () => {
  it.each(["stranger", "removed", "alice"])("is 404 for %s, whatever is called", async (name) => {
    expect(calls.length).toBeGreaterThan(10);
    for (const one of calls) {
      const query =
        one.method === "GET" && one.path.endsWith("/messages") ? "?limit=5&offset=0" : "";
      const answer = await strangers[name]?.call(
        one.method,
        concrete(one.path) + query,
        bodyOf(one),
      );
      expect([one.method, one.path, answer?.status]).toEqual([one.method, one.path, 404]);
      expect(answer?.text).not.toMatch(/Secret|bob/);
    }
  });

  it("is in no list of theirs, and no page lies beside its messages", async () => {
    for (const one of Object.values(strangers)) {
      for (const path of ["/conversations", "/conversations?v=2", "/conversation/direct/bob"]) {
        const { status, text } = await one.call("GET", path);
        expect([status, text]).toEqual([200, expect.not.stringContaining(id)]);
      }
      const body = { recipientIdArr: ["zoe"], isGroup: false, title: "" };
      const own = String((await one.call("POST", "/conversation", body)).json.conversationId);
      const beside = await one.call("GET", `/conversations/${own}/messages?before=${messageId}`);
      expect(beside.status).toBe(404);
      const read = await one.call("POST", `/conversations/${own}/read`, { messageId });
      expect(read.status).toBe(404);
    }
  });

  it("is unchanged after all of it", async () => {
    const { json } = await alice.call("GET", `/conversations/${id}/participants`);
    expect((json as unknown as string[]).toSorted()).toEqual(["alice", "bob"]);
    const page = await alice.call("GET", `/conversations/${id}/messages?v=2`);
    expect(page.json).toMatchObject([{ messageId, content: "Secret text", editedAt: null }]);
    const { json: shown } = await alice.call("GET", `/conversations/${id}?v=2`);
    expect(shown).toMatchObject({ title: "Secret title", isMuted: false });
  });
});

it("tokens of one organization open no chat of another", async () => {
  const authorization = strangers.alice?.token ?? "";
  for (const path of [
    "/chat/conversations",
    "/chat/chat/conversations",
    "/chat/ws",
    "/chat/presence-ws/prod/",
  ]) {
    const { status } = await callChat("GET", path, undefined, { authorization });
    expect([path, status]).toEqual([path, 401]);
  }
});

it("the same two ids are two conversations in two organizations, and blocks end where the organization does", async () => {
  const make = async (by: Chatter | undefined) => {
    const body = { recipientIdArr: ["bob"], isGroup: false, title: "" };
    return (await by?.call("POST", "/conversation", body))?.json.conversationId;
  };
  expect(await make(alice)).not.toBe(await make(strangers.alice));
  await alice.call("PUT", "/blocks/stranger");
  expect((await strangers.alice?.call("GET", "/blocks"))?.json).toEqual([]);
});
