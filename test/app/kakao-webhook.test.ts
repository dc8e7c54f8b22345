import { asc, eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { dedupKeys, events } from "../../src/db/schema/events.ts";
import { kakaoConversations, kakaoMessages } from "../../src/db/schema/kakao.ts";
import { TEXTS } from "../../src/kakao/texts.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  callbackUrl,
  listen,
  makeChannel,
  openSession,
  pairUser,
  relay,
  relayWith,
  say,
  skillRequest,
  textOf,
} from "./kakao-support.ts";
import { bindings, call, control, type Json, shard, type Tenant } from "./support.ts";

const ACK = { version: "2.0", useCallback: true };
const WEBHOOK = "/kakao/webhook";

let channel: Tenant & { sourceId: string };
beforeAll(async () => {
  channel = await makeChannel("kakao");
});

const messagesOf = (userId: string) =>
  control
    .select()
    .from(kakaoMessages)
    .where(eq(kakaoMessages.userId, userId))
    .orderBy(asc(kakaoMessages.createdAt));

const eventsOf = (senderName: string) =>
  shard.select().from(events).where(eq(events.senderName, senderName)).orderBy(asc(events.id));

const conversationOf = async (userKey: string) =>
  control.select().from(kakaoConversations).where(eq(kakaoConversations.userKey, userKey)).get();

describe("who writes", () => {
  const keyOf = async (body: Json, userKey: string) => {
    const answer = await relay("POST", WEBHOOK, body);
    expect([answer.status, textOf(answer)]).toEqual([200, TEXTS.unpaired]);
    return (await conversationOf(userKey))?.key;
  };

  it("is the plusfriend key, else the user's id; the bot is the channel, else `default`", async () => {
    expect(await keyOf(skillRequest("plus-1", "hi"), "plus-1")).toBe("bot1:plus-1");
    const user = { id: "id-1", type: "botUserKey" };
    expect(await keyOf({ userRequest: { user }, bot: { id: "b" } }, "id-1")).toBe("b:id-1");
    const other = { user: { ...user, id: "id-2", properties: { plusfriendUserKey: 5 } } };
    expect(await keyOf({ userRequest: other, bot: { id: "" } }, "id-2")).toBe("default:id-2");
    const nobody = { ...user, properties: { plusfriendUserKey: "" } };
    expect(await keyOf({ userRequest: { user: nobody }, bot: { id: "c" } }, "")).toBe("c:");
  });

  it("nothing is required, and what is not read may be anything", async () => {
    for (const body of ["{}", "null", "{} trailing", '{"userRequest":null,"bot":null}']) {
      expect([body, (await relay("POST", WEBHOOK, body)).status]).toEqual([body, 200]);
    }
    const odd = { ...skillRequest("odd", "hi"), action: { params: { n: 1 } }, contexts: 5 };
    expect((await relay("POST", WEBHOOK, odd)).status).toBe(200);
  });

  it("every call says that the user is there", async () => {
    await say("seen", "/help");
    const before = await conversationOf("seen");
    await control.update(kakaoConversations).set({ lastSeenAt: 5 });
    await say("seen", "/help");
    const after = await conversationOf("seen");
    expect(after?.id).toBe(before?.id);
    expect(after?.lastSeenAt).toBeGreaterThan(5);
  });
});

describe("what is refused", () => {
  it.each([
    ["", "nothing"],
    ["hello", "no JSON"],
    ["[]", "a list"],
    ['"text"', "a text"],
    ["7", "a number"],
    ['{"userRequest":', "half of it"],
    ['{"userRequest":[]}', "a list as userRequest"],
    ['{"userRequest":{"utterance":5}}', "a number as utterance"],
    ['{"userRequest":{"user":{"id":5}}}', "a number as id"],
    ['{"userRequest":{"callbackUrl":{}}}', "an object as callbackUrl"],
    ['{"bot":{"id":true}}', "a boolean as the bot's id"],
    [`{"bot":{"id":"${"x".repeat(301)}"}}`, "an id without end"],
    [`{"a":${"[".repeat(100)}${"]".repeat(100)}}`, "a nest"],
  ])("%s (%s) is 400", async (body) => {
    const { status, text, headers } = await relay("POST", WEBHOOK, body);
    expect([status, text]).toEqual([400, '{"error":"Invalid request body"}\n']);
    expect(headers.get("content-type")).toBe("application/json");
  });

  it("a body over 1 MiB is 413, without a length 400; one of 1 MiB is taken", async () => {
    const body = new TextEncoder().encode(
      JSON.stringify(skillRequest("large", "x".repeat(1024 * 1024))),
    );
    const declared = await relay("POST", WEBHOOK, body);
    expect([declared.status, declared.text]).toEqual([413, '{"error":"Request body too large"}\n']);
    const stream = () => new Response(body).body as ReadableStream;
    const chunked = await relayWith({}, "POST", WEBHOOK, stream());
    expect([chunked.status, chunked.json]).toEqual([400, { error: "Invalid request body" }]);
    const fits = new Uint8Array(1024 * 1024).fill(0x20);
    new TextEncoder().encodeInto(JSON.stringify(skillRequest("fits", "")), fits);
    expect((await relay("POST", WEBHOOK, fits)).status).toBe(200);
  });

  it("leaves nothing behind", async () => {
    const count = async () => [(await shard.select().from(events)).length];
    const before = await count();
    await relay("POST", WEBHOOK, "no JSON");
    expect(await count()).toEqual(before);
  });
});

describe("X-Kakao-Signature", () => {
  const SECRET = "비밀 secret";
  const signed = { KAKAO_SIGNATURE_SECRET: SECRET };

  async function sign(body: string, secret = SECRET): Promise<Uint8Array> {
    const utf8 = new TextEncoder();
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", utf8.encode(secret), hmac, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8.encode(body)));
  }

  const hexOf = (bytes: Uint8Array) =>
    [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const body = JSON.stringify(skillRequest("signer", "/help"));
  const send = (signature: string | null, text = body) =>
    relayWith(
      signed,
      "POST",
      WEBHOOK,
      text,
      signature === null ? {} : { "x-kakao-signature": signature },
    );

  it("is lower-case hex over the raw bytes", async () => {
    expect((await send(hexOf(await sign(body)))).status).toBe(200);
  });

  it("missing, or anything else, is 401", async () => {
    const missing = await send(null);
    expect([missing.status, missing.json]).toEqual([401, { error: "Missing signature" }]);
    const bytes = await sign(body);
    const hex = hexOf(bytes);
    const wrong = [
      hex.toUpperCase(),
      `sha256=${hex}`,
      btoa(String.fromCharCode(...bytes)),
      hexOf(await sign(body, "other")),
      hexOf(await sign(`${body} `)),
      hex.slice(1),
      "x",
    ];
    for (const signature of wrong) {
      const { status, json } = await send(signature);
      expect([signature, status, json]).toEqual([signature, 401, { error: "Invalid signature" }]);
    }
  });

  it("right over what is no JSON is 400, and a body without end is never 500", async () => {
    const { status, json } = await send(hexOf(await sign("hello")), "hello");
    expect([status, json]).toEqual([400, { error: "Invalid JSON body" }]);
    const endless = new Response("x".repeat(1024 * 1024 + 1)).body as ReadableStream;
    const answer = await relayWith(signed, "POST", WEBHOOK, endless);
    expect([answer.status, answer.json]).toEqual([413, { error: "Request body too large" }]);
  });

  it("a source's own verification counts for its own path", async () => {
    const own = await makeChannel("kakao-signed");
    const verification = { preset: "kakao-relay", secrets: ["own"], onFailure: "reject" };
    const set = await call(own, "PATCH", `/sources/${own.sourceId}`, { verification });
    expect(set.text).toContain("kakao-relay");
    const post = (headers: Record<string, string>) =>
      relay("POST", "/kakao/kakao-signed/webhook", body, headers);
    expect((await post({})).status).toBe(401);
    const right = { "x-kakao-signature": hexOf(await sign(body, "own")) };
    expect((await post(right)).status).toBe(200);
    const wrong = { "x-kakao-signature": hexOf(await sign(body)) };
    expect((await post(wrong)).json).toEqual({ error: "Invalid signature" });
  });
});

describe("a message", () => {
  it("of a user without an agent is answered with how to get one", async () => {
    const { status, json, text } = await say("nobody-yet", "안녕");
    expect(status).toBe(200);
    expect(json).toEqual({
      version: "2.0",
      template: { outputs: [{ simpleText: { text: TEXTS.unpaired } }] },
    });
    expect(text.endsWith("\n")).toBe(true);
    expect(await messagesOf("nobody-yet")).toEqual([]);
  });

  it("of a paired one is stored, its agent told, and the answer is exactly the ack", async () => {
    const { accountId } = await pairUser("writer");
    const hints = await listen("account", accountId);
    const url = callbackUrl();
    const request = skillRequest("writer", "  안녕하세요 ", { callbackUrl: url });
    const before = Date.now();
    const answer = await relay("POST", WEBHOOK, request);
    expect([answer.status, answer.text]).toEqual([200, '{"version":"2.0","useCallback":true}\n']);
    const [message, ...more] = await messagesOf("writer");
    expect(more).toEqual([]);
    expect(message).toMatchObject({
      accountId,
      organizationId: channel.organizationId,
      sourceId: channel.sourceId,
      conversationKey: "bot1:writer",
      text: "  안녕하세요 ",
      channelId: "bot1",
      callbackUrl: url,
      heldUntil: null,
      status: "queued",
      answerState: null,
    });
    expect(JSON.parse(message?.payload ?? "")).toEqual(request);
    expect(message?.callbackUntil).toBe((message?.createdAt ?? 0) + 55_000);
    expect(message?.createdAt).toBeGreaterThanOrEqual(before);
    await waitFor(() => hints.length > 0, { what: "the hint" });
    expect(hints).toEqual([{ kind: "message", messageId: message?.id }]);
  });

  it("the ack has a waiting text when there is one, and the callback's time is what is set", async () => {
    await pairUser("waiter");
    const vars = { KAKAO_WAITING_TEXT: "생각하고 있어요…", CALLBACK_TTL_SECONDS: "7" };
    const request = skillRequest("waiter", "hi", { callbackUrl: callbackUrl() });
    const { json } = await relayWith(vars, "POST", WEBHOOK, request);
    expect(json).toEqual({ ...ACK, data: { text: "생각하고 있어요…" } });
    const [message] = await messagesOf("waiter");
    expect((message?.callbackUntil ?? 0) - (message?.createdAt ?? 0)).toBe(7_000);
  });

  it("what looks like a command and is none goes to the agent", async () => {
    await pairUser("commander");
    const texts = ["/pair", "/PAIR AAAA-BBBB", "/unpair x", "/pair\tx", "/session", "/?", "/Help"];
    for (const text of texts) expect((await say("commander", text)).json).toEqual(ACK);
    expect((await messagesOf("commander")).map(({ text }) => text)).toEqual(texts);
  });

  it("that Kakao sends again with the same callback URL is one message and one event", async () => {
    await pairUser("repeater");
    const request = skillRequest("repeater", "한 번만", { callbackUrl: callbackUrl() });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => relay("POST", WEBHOOK, request)),
    );
    expect(answers.map(({ json }) => json)).toEqual(answers.map(() => ACK));
    expect(await messagesOf("repeater")).toHaveLength(1);
    const stored = await eventsOf("bot1:repeater");
    expect(stored.map(({ id }) => id)).toContain((await messagesOf("repeater"))[0]?.eventId);
    // `/pair`, and the message.
    expect(stored).toHaveLength(2);
    await relay(
      "POST",
      WEBHOOK,
      skillRequest("repeater", "한 번만", { callbackUrl: callbackUrl() }),
    );
    expect(await messagesOf("repeater")).toHaveLength(2);
  });

  it("as large as it may be is kept whole", async () => {
    await pairUser("large-writer");
    const text = "가".repeat(150_000);
    expect((await say("large-writer", text)).json).toEqual(ACK);
    expect((await messagesOf("large-writer"))[0]?.text).toBe(text);
    const both = await say("large-writer", "x".repeat(990_000));
    expect([both.status, both.json]).toEqual([413, { error: "Request body too large" }]);
  });
});

describe("commands", () => {
  it("/help explains the bot and names all four", async () => {
    const text = textOf(await say("helped", " /help "));
    for (const word of ["/pair", "/unpair", "/status", "/help", "OpenClaw"]) {
      expect(text).toContain(word);
    }
  });

  it("/status counts today's and all messages and answers, and says since when", async () => {
    expect(textOf(await say("counted", "/status"))).toBe(TEXTS.statusUnpaired);
    await pairUser("counted");
    await say("counted", "하나");
    await say("counted", "둘");
    await control
      .update(kakaoConversations)
      .set({ pairedAt: Date.UTC(2026, 10, 21, 15, 4, 5) })
      .where(eq(kakaoConversations.userKey, "counted"));
    const text = textOf(await say("counted", "/status"));
    expect(text).toContain("✅ 연결됨");
    expect(text).toContain("받음 2건");
    expect(text).toContain("2026-11-22 00:04:05");
  });

  it("/unpair ends it, its agent is told, and the next text is answered as a stranger's", async () => {
    const { accountId } = await pairUser("leaver");
    const hints = await listen("account", accountId);
    expect(textOf(await say("leaver", "/unpair"))).toBe(TEXTS.unpairedNow);
    expect(textOf(await say("leaver", "/unpair"))).toBe(TEXTS.notPaired);
    expect(textOf(await say("leaver", "안녕"))).toBe(TEXTS.unpaired);
    await waitFor(() => hints.length > 0, { what: "the hint" });
    expect(hints).toEqual([{ kind: "unpaired", conversationKey: "bot1:leaver", userId: "leaver" }]);
    const session = await openSession();
    expect(textOf(await say("leaver", `/pair ${session.pairingCode}`))).toBe(TEXTS.paired);
  });
});

describe("every call is an event", () => {
  it("with its exact bytes, at one path, sent by its conversation", async () => {
    const bytes = new TextEncoder().encode(
      `{ "userRequest" : {"utterance":"안녕","user":{"id":"eventful"}}, "bot":{"id":"b"} } tail`,
    );
    await relay("POST", "/kakao-talkchannel/webhook?a=1", bytes, { "user-agent": "kakao" });
    const [event, ...more] = await eventsOf("b:eventful");
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      organizationId: channel.organizationId,
      sourceId: channel.sourceId,
      method: "POST",
      path: "/kakao/webhook",
      query: "a=1",
      senderBy: null,
    });
    expect(new Uint8Array(event?.body ?? [])).toEqual(bytes);
    const shown = await call(channel, "GET", `/events/${event?.id}`);
    expect(shown.json).toMatchObject({ sender: { name: "b:eventful" } });
  });

  it("commands and texts of strangers too", async () => {
    await say("stranger", "/help");
    await say("stranger", "누구세요");
    expect(await eventsOf("bot1:stranger")).toHaveLength(2);
  });

  it("a message is not lost when its event cannot be stored", async () => {
    await pairUser("no-events");
    const request = skillRequest("no-events", "안녕", { callbackUrl: callbackUrl() });
    const { json } = await relayWith({ EVENTS_0: brokenDatabase() }, "POST", WEBHOOK, request);
    expect(json).toEqual(ACK);
    expect(await messagesOf("no-events")).toMatchObject([{ eventId: null, text: "안녕" }]);
  });

  it("a message does not wait for an event store that hangs", async () => {
    await pairUser("slow-events");
    const request = skillRequest("slow-events", "안녕", { callbackUrl: callbackUrl() });
    const held = Promise.withResolvers<never>();
    const real = bindings.EVENTS_0;
    const EVENTS_0 = {
      prepare: (query: string) => real.prepare(query),
      batch: () => held.promise,
    } as unknown as D1Database;
    const answering = relayWith({ EVENTS_0 }, "POST", WEBHOOK, request);
    await waitFor(async () => (await messagesOf("slow-events"))[0], { what: "the message" });
    held.reject(new Error("D1 is down"));
    expect((await answering).json).toEqual(ACK);
  });

  it("an event is not lost when its message cannot be stored, and the user is told", async () => {
    await pairUser("no-message");
    const before = (await eventsOf("bot1:no-message")).length;
    const request = skillRequest("no-message", "안녕", { callbackUrl: callbackUrl() });
    const DB = brokenDatabase(/kakao_messages/);
    const answer = await relayWith({ DB }, "POST", WEBHOOK, request);
    expect([answer.status, textOf(answer)]).toEqual([200, TEXTS.tryAgain]);
    expect(await eventsOf("bot1:no-message")).toHaveLength(before + 1);
  });

  it("its dedup key is given up with time", async () => {
    const keys = await shard
      .select()
      .from(dedupKeys)
      .where(eq(dedupKeys.sourceId, channel.sourceId));
    expect(keys.length).toBeGreaterThan(0);
    for (const { expiresAt } of keys) expect(expiresAt).toBeLessThan(Date.now() + 3_600_001);
  });
});

/** The control database, which fails for statements that match. */
function brokenDatabase(pattern = /./): D1Database {
  const real = pattern.source === "." ? bindings.EVENTS_0 : bindings.DB;
  return {
    prepare: (query: string) => {
      if (pattern.test(query)) throw new Error("D1 is down");
      return real.prepare(query);
    },
    batch: (statements: D1PreparedStatement[]) => real.batch(statements),
  } as D1Database;
}

describe("other channels", () => {
  it("a user of another source's channel is another one, and its codes are no use here", async () => {
    const other = await makeChannel("kakao-other");
    const session = await openSession("/kakao/kakao-other");
    expect(textOf(await say("twin", `/pair ${session.pairingCode}`))).toBe(TEXTS.badCode);
    const there = await say("twin", `/pair ${session.pairingCode}`, "/kakao/kakao-other/webhook");
    expect(textOf(there)).toBe(TEXTS.paired);
    const [message] = await messagesOf("twin");
    expect(message).toBeUndefined();
    await say("twin", "거기", "/kakao/kakao-other/webhook");
    expect(await messagesOf("twin")).toMatchObject([{ organizationId: other.organizationId }]);
    expect(textOf(await say("twin", "여기"))).toBe(TEXTS.unpaired);
  });

  it("a slug that is no enabled KakaoTalk channel is 404", async () => {
    await call(channel, "POST", "/sources", { slug: "kakao-not" });
    for (const slug of ["kakao-not", "kakao-nobody"]) {
      const { status, json } = await relay("POST", `/kakao/${slug}/webhook`, "{}");
      expect([status, json.error]).toEqual([404, expect.stringContaining(slug)]);
    }
    const paused = await makeChannel("kakao-paused");
    await call(paused, "PATCH", `/sources/${paused.sourceId}`, { enabled: false });
    expect((await relay("POST", "/kakao/kakao-paused/webhook", "{}")).status).toBe(404);
  });
});
