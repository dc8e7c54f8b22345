import { eq, sql } from "drizzle-orm";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { kakaoConversations, kakaoMessages, kakaoSessions } from "../../src/db/schema/kakao.ts";
import { takeHeldAnswer } from "../../src/kakao/held-answer.ts";
import { joinAnswers, takeLateAnswers } from "../../src/kakao/late-answers.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  type Agent,
  addAgent,
  addAsked,
  addConversation,
  addMessage,
  addSession,
  callsOf,
  issueCallback,
  messageRow,
  type Place,
  relayToken,
  repliesTo,
  reply,
  skillText,
} from "./kakao-agent-support.ts";
import { makeChannel } from "./kakao-support.ts";
import { bindings, control } from "./support.ts";

/*
 * An answer reaches the user whose message it answers, once. Kakao is played by its strict callback server: a URL takes
 * one call, of an answer that Kakao would show.
 */

let place: Place;
let agent: Agent;
const WELL = skillText("네, 반갑습니다");

beforeAll(async () => {
  place = await makeChannel("reply");
  agent = await addAgent(place, { rateLimitPerMinute: 1000 });
});

const refusal = (status: number, code: string) => ({ status, json: { code } });

describe("a reply", () => {
  it("goes to the callback URL of its message, as it is, and is on record", async () => {
    const { id, url } = await addAsked(agent);
    const before = Date.now();
    const answer = await reply(agent.token, { messageId: id, response: WELL, more: 1 });
    expect(answer).toMatchObject({ status: 200, json: { success: true } });
    expect(answer.json.deliveredAt).toBeGreaterThanOrEqual(before);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("x-ratelimit-limit")).toBe("1000");
    expect(await callsOf(url)).toEqual([
      { method: "POST", type: "application/json", end: { kind: "answer", answer: WELL } },
    ]);
    // Who answers has had the message: it is not replayed.
    expect(await messageRow(id)).toMatchObject({ answerState: "sent", status: "delivered" });
    expect(await repliesTo(id)).toMatchObject([{ status: "sent", accountId: agent.accountId }]);
  });

  it("of an account's own relay token is as good", async () => {
    const { id } = await addAsked(agent);
    const token = await relayToken(agent.accountId);
    expect(await reply(token, { messageId: id, response: WELL })).toMatchObject({ status: 200 });
  });

  it("is sent once, also when many come at once", async () => {
    const { id, url } = await addAsked(agent);
    const all = await Promise.all(
      Array.from({ length: 5 }, () => reply(agent.token, { messageId: id, response: WELL })),
    );
    const sent = all.filter(({ status }) => status === 200);
    expect([sent.length, all.filter(({ status }) => status === 409).length]).toEqual([1, 4]);
    expect(await reply(agent.token, { messageId: id, response: WELL })).toMatchObject(
      refusal(409, "ALREADY_REPLIED"),
    );
    expect(await callsOf(url)).toHaveLength(1);
    expect(await repliesTo(id)).toHaveLength(1);
  });

  it("of a session that nobody has paired with is refused, and one without a good token too", async () => {
    const { id } = await addAsked(agent);
    const pending = await addSession(place);
    expect(await reply(pending.token, { messageId: id, response: WELL })).toMatchObject({
      status: 401,
      json: { error: "Session not paired", code: "SESSION_NOT_PAIRED" },
    });
    expect(await reply("nobody", {})).toMatchObject({
      status: 401,
      json: { error: "Invalid token" },
    });
    expect((await messageRow(id)).answerState).toBe(null);
  });

  it.each([
    ["no JSON", "{", 400, "VALIDATION_ERROR", "Invalid request body"],
    ["a list", [], 400, "VALIDATION_ERROR", "Invalid request body"],
    ["deep JSON", "[".repeat(100_000), 400, "VALIDATION_ERROR", "Invalid request body"],
    ["no message id", { response: WELL }, 400, "MISSING_REQUIRED", "messageId is required"],
    ["an empty one", { messageId: "" }, 400, "MISSING_REQUIRED", "messageId is required"],
    ["a number", { messageId: 1 }, 400, "VALIDATION_ERROR", "Invalid request body"],
    ["no UUID", { messageId: "x", response: WELL }, 404, "NOT_FOUND", "Message not found"],
    [
      "an unknown one",
      { messageId: "00000000-0000-4000-8000-000000000000", response: WELL },
      404,
      "NOT_FOUND",
      "Message not found",
    ],
  ])("with %s is refused", async (_, body, status, code, error) => {
    const answer = await reply(agent.token, body);
    expect([answer.status, answer.json]).toEqual([status, { error, code }]);
  });

  it("to another account's message finds nothing, and leaves it alone", async () => {
    const other = await addAgent(place);
    const { id } = await addAsked(agent);
    expect(await reply(other.token, { messageId: id, response: WELL })).toMatchObject(
      refusal(404, "NOT_FOUND"),
    );
    expect((await messageRow(id)).answerState).toBe(null);
  });

  it("without a response, or with one that Kakao would refuse, names what is wrong and may be mended", async () => {
    const { id, url } = await addAsked(agent);
    expect(await reply(agent.token, { messageId: id })).toMatchObject({
      status: 400,
      json: { code: "MISSING_REQUIRED", error: "response is required" },
    });
    const long = skillText("가".repeat(1001));
    expect(await reply(agent.token, { messageId: id, response: long })).toMatchObject({
      status: 400,
      json: {
        code: "VALIDATION_ERROR",
        error:
          "response.template.outputs[0].simpleText.text: has 1001 characters; 1000 are the most",
      },
    });
    expect(await callsOf(url)).toEqual([]);
    const mended = { messageId: id.toUpperCase(), response: WELL };
    expect(await reply(agent.token, mended)).toMatchObject({ status: 200 });
  });
});

describe("a callback that fails", () => {
  const FAILED = {
    status: 502,
    json: { code: "CALLBACK_FAILED", error: "Failed to send callback: Kakao callback failed" },
  };

  it.each([
    ["refuse" as const, "Kakao answered 400: "],
    ["redirect" as const, "Kakao answered 307"],
    ["reset" as const, "the connection to Kakao failed"],
  ])("by %s is 502, on record, and not tried again", async (mode, reason) => {
    const { id, url } = await addAsked(agent, mode);
    expect(await reply(agent.token, { messageId: id, response: WELL })).toMatchObject(FAILED);
    expect((await messageRow(id)).answerState).toBe("failed");
    const [record, ...more] = await repliesTo(id);
    expect([record?.status, more]).toEqual(["failed", []]);
    expect(record?.errorMessage).toContain(reason);
    // A server may repeat the URL, which is a secret while it is good.
    const token = new URL(url).pathname.split("/").at(-1) ?? "";
    expect(token.length).toBeGreaterThan(11);
    expect(record?.errorMessage).not.toContain(token);
    expect(await reply(agent.token, { messageId: id, response: WELL })).toMatchObject(
      refusal(409, "ALREADY_REPLIED"),
    );
    expect(await callsOf(url)).toHaveLength(1);
  });

  it("by taking too long, headers or body, is 502 after 5 s", async () => {
    const all = await Promise.all(
      (["hang", "hang-body"] as const).map(async (mode) => {
        const { id } = await addAsked(agent, mode);
        return { id, answer: await reply(agent.token, { messageId: id, response: WELL }) };
      }),
    );
    for (const { id, answer } of all) {
      expect(answer).toMatchObject(FAILED);
      expect((await messageRow(id)).answerState).toBe("failed");
    }
  });

  it.each([
    "http://bot-api.kakao.com/callback",
    "https://kakao.com/callback",
    "https://evilkakao.com/callback",
    "https://bot.kakao.com.evil.example/callback",
    "https://user:pass@bot.kakao.com/callback",
    "https://127.0.0.1/callback",
    "no URL",
  ])("since %s is not Kakao's is 502, and another answer may be given", async (callbackUrl) => {
    const { id } = await addAsked(agent, "ok", { callbackUrl });
    expect(await reply(agent.token, { messageId: id, response: WELL })).toMatchObject(FAILED);
    expect((await messageRow(id)).answerState).toBe(null);
    expect(await repliesTo(id)).toMatchObject([{ status: "failed" }]);
    expect(await reply(agent.token, { messageId: id, response: WELL })).toMatchObject(FAILED);
  });

  it("goes to an origin of the settings in a local session only", async () => {
    const { id, url } = await addAsked(agent);
    const body = { messageId: id, response: WELL };
    const { origin } = inject("kakaoCallbacks");
    for (const vars of [
      { KAKAO_CALLBACK_ORIGINS: "" },
      { KAKAO_CALLBACK_ORIGINS: origin, BASE_DOMAIN: "example.com" },
    ]) {
      expect(await reply(agent.token, body, vars)).toMatchObject(FAILED);
    }
    expect(await callsOf(url)).toEqual([]);
    expect(await reply(agent.token, body)).toMatchObject({ status: 200 });
  });
});

describe("a late answer", () => {
  const LATE = { callbackUntil: Date.now() - 1 };

  it("of an agent that the user has left is not given in the talk with the next one", async () => {
    const before = await addAgent(place);
    const { id } = await addAsked(before, "ok", LATE);
    const after = await addAgent(place);
    const { conversation } = before;
    await control
      .update(kakaoConversations)
      .set({ accountId: after.accountId })
      .where(eq(kakaoConversations.id, conversation.id));
    const kept = await reply(before.token, { messageId: id, response: skillText("옛 답") });
    expect(kept.status).toBe(400);
    const asked = await addAsked({ ...after, conversation });
    await reply(after.token, { messageId: asked.id, response: skillText("새 답") });
    expect((await callsOf(asked.url))[0]?.end).toMatchObject({ answer: skillText("새 답") });
    expect(await takeLateAnswers({ db: control }, conversation.id)).toEqual([]);
  });

  it("is 400 and never 410, kept, and given in front of the next answer", async () => {
    const of = await addAgent(place);
    const first = await addAsked(of, "ok", LATE);
    const answer = await reply(of.token, { messageId: first.id, response: skillText("늦었지만") });
    expect(answer).toMatchObject(refusal(400, "CALLBACK_EXPIRED"));
    expect(answer.json.error).toMatch(/^Callback URL expired or not available; .* kept/);
    expect(await callsOf(first.url)).toEqual([]);
    expect((await messageRow(first.id)).answerState).toBe("late");
    expect(await reply(of.token, { messageId: first.id, response: WELL })).toMatchObject(
      refusal(409, "ALREADY_REPLIED"),
    );

    const next = await addAsked(of);
    expect(await reply(of.token, { messageId: next.id, response: WELL })).toMatchObject({
      status: 200,
    });
    const [call] = await callsOf(next.url);
    expect(call?.end?.answer).toEqual(skillText("늦었지만", "네, 반갑습니다"));
    expect((await messageRow(first.id)).answerState).toBe("given");
    expect(await repliesTo(first.id)).toMatchObject([{ status: "sent" }]);
  });

  it("that Kakao would refuse is not kept, and says why", async () => {
    const { id } = await addAsked(agent, "ok", LATE);
    const answer = await reply(agent.token, { messageId: id, response: { version: "1.0" } });
    expect(answer).toMatchObject(refusal(400, "CALLBACK_EXPIRED"));
    expect(answer.json.error).toContain('not kept: response.version: must be "2.0"');
    expect((await messageRow(id)).answerState).toBe(null);
  });

  it("waits on when the callback that should have brought it fails", async () => {
    const of = await addAgent(place);
    const first = await addAsked(of, "ok", LATE);
    await reply(of.token, { messageId: first.id, response: skillText("나중에") });
    const next = await addAsked(of, "refuse");
    expect((await reply(of.token, { messageId: next.id, response: WELL })).status).toBe(502);
    expect((await messageRow(first.id)).answerState).toBe("late");
    const taken = await takeLateAnswers({ db: control }, of.conversation.id);
    expect(taken.map(({ response }) => response)).toEqual([skillText("나중에")]);
  });

  it("goes to nobody else, and to one taker only", async () => {
    const of = await addAgent(place);
    const other = await addConversation(place, of.accountId, Date.now());
    const { id } = await addAsked(of, "ok", LATE);
    await reply(of.token, { messageId: id, response: WELL });
    expect(await takeLateAnswers({ db: control }, other.id)).toEqual([]);
    const takers = await Promise.all(
      Array.from({ length: 4 }, () => takeLateAnswers({ db: control }, of.conversation.id)),
    );
    expect(takers.flat()).toEqual([{ messageId: id, response: WELL }]);
    expect(await repliesTo(id)).toHaveLength(1);
  });

  it("takes as many as have room, the newest ones; the others come the time after", async () => {
    const of = await addAgent(place);
    for (const [at, text] of ["하나", "둘", "셋"].entries()) {
      const more = { ...LATE, createdAt: Date.now() - 10_000 + at };
      const { id } = await addAsked(of, "ok", more);
      await reply(of.token, { messageId: id, response: skillText(text) });
    }
    const next = await addAsked(of);
    await reply(of.token, { messageId: next.id, response: WELL });
    const [call] = await callsOf(next.url);
    expect(call?.end?.answer).toEqual(skillText("둘", "셋", "네, 반갑습니다"));
    const rest = await takeLateAnswers({ db: control }, of.conversation.id);
    expect(rest.map(({ response }) => response)).toEqual([skillText("하나")]);
  });

  it("joined with another keeps the last one's quick replies", () => {
    const last = skillText("b");
    const quickReplies = [{ label: "네", action: "message", messageText: "네" }];
    const joined = joinAnswers([skillText("a")], {
      ...last,
      template: { ...last.template, quickReplies },
    });
    expect(joined.template).toEqual({ ...skillText("a", "b").template, quickReplies });
  });
});

describe("an answer to a request that waits", () => {
  it("is a success when the request has taken it, and only then", async () => {
    const id = await addMessage(agent, "기다려요", { heldUntil: Date.now() + 4_500 });
    const replying = reply(agent.token, { messageId: id, response: WELL });
    const taken = await waitFor(
      async () => (await takeHeldAnswer({ db: control }, id)) ?? undefined,
      { what: "the answer" },
    );
    expect(taken).toEqual(WELL);
    expect(await replying).toMatchObject({ status: 200, json: { success: true } });
    expect((await messageRow(id)).answerState).toBe("given");
    expect(await repliesTo(id)).toMatchObject([{ status: "sent" }]);
    expect(await takeHeldAnswer({ db: control }, id)).toBe(null);
  });

  it("that nobody took in time is late", async () => {
    const of = await addAgent(place);
    const id = await addMessage(of, "기다려요", { heldUntil: Date.now() + 200 });
    expect(await reply(of.token, { messageId: id, response: WELL })).toMatchObject(
      refusal(400, "CALLBACK_EXPIRED"),
    );
    expect((await messageRow(id)).answerState).toBe("late");
    expect(await takeLateAnswers({ db: control }, of.conversation.id)).toHaveLength(1);
  });

  it("whose processes have both died is given with the next message", async () => {
    const of = await addAgent(place);
    const id = await addMessage(of, "?", { heldUntil: Date.now() - 60_000 });
    await control
      .update(kakaoMessages)
      .set({ answerState: "answered", answer: JSON.stringify(WELL) })
      .where(eq(kakaoMessages.id, id));
    expect(await takeLateAnswers({ db: control }, of.conversation.id)).toHaveLength(1);
  });

  it("may not come after its time", async () => {
    const id = await addMessage(agent, "?", { heldUntil: Date.now() - 1 });
    expect(await reply(agent.token, { messageId: id, response: WELL })).toMatchObject(
      refusal(400, "CALLBACK_EXPIRED"),
    );
  });
});

describe("a crash", () => {
  it("between the record and the call sends nothing twice", async () => {
    const { id, url } = await addAsked(agent);
    await control
      .update(kakaoMessages)
      .set({ answerState: "sending" })
      .where(eq(kakaoMessages.id, id));
    expect(await reply(agent.token, { messageId: id, response: WELL })).toMatchObject(
      refusal(409, "ALREADY_REPLIED"),
    );
    expect(await callsOf(url)).toEqual([]);
  });

  it("of the database is no 401 or 410: agents throw their tokens away at those", async () => {
    const broken = new Proxy(bindings.DB, {
      get: () => () => {
        throw new Error("D1_ERROR: internal error");
      },
    });
    expect(await reply(agent.token, {}, { DB: broken })).toMatchObject({
      status: 503,
      json: { error: "Authentication failed" },
    });
  });

  it("of the count is no free pass", async () => {
    const RATE_LIMIT = {
      getByName: () => ({
        take: () => Promise.reject(new Error("overloaded")),
      }),
    };
    const { id, url } = await addAsked(agent);
    const answer = await reply(agent.token, { messageId: id, response: WELL }, { RATE_LIMIT });
    expect(answer.status).toBe(503);
    expect(await callsOf(url)).toEqual([]);
  });
});

describe("tokens and limits", () => {
  it("the query's token counts before the header's, and the header's prefix is as it is", async () => {
    const paths = async (query: string, authorization?: string) => {
      const { relay } = await import("./kakao-support.ts");
      const headers: Record<string, string> = authorization ? { authorization } : {};
      const { status, json } = await relay("POST", `/openclaw/reply${query}`, {}, headers);
      return [status, json.error];
    };
    const good = `Bearer ${agent.token}`;
    const missing = [401, "Missing authentication token"];
    const invalid = [401, "Invalid token"];
    const accepted = [400, "messageId is required"];
    expect(await paths("")).toEqual(missing);
    expect(await paths("", `bearer ${agent.token}`)).toEqual(missing);
    expect(await paths("", "Bearer ")).toEqual(missing);
    expect(await paths("", good)).toEqual(accepted);
    expect(await paths(`?token=${agent.token}`, "Bearer bad")).toEqual(accepted);
    expect(await paths("?token=bad", good)).toEqual(invalid);
    expect(await paths("?token=", good)).toEqual(accepted);
  });

  it.each(["expired", "disconnected"] as const)(
    "a session that is %s is nobody's",
    async (status) => {
      const { token } = await addSession(place, { status });
      expect(await reply(token, {})).toMatchObject({
        status: 401,
        json: { error: "Invalid token" },
      });
    },
  );

  it("one count for an account, however it calls, with headers as plugins know them", async () => {
    const of = await addAgent(place, { rateLimitPerMinute: 2 });
    const first = await reply(of.token, {});
    const inSeconds = Math.floor(Date.now() / 1000);
    expect(first.headers.get("x-ratelimit-limit")).toBe("2");
    expect(first.headers.get("x-ratelimit-remaining")).toBe("1");
    const reset = Number(first.headers.get("x-ratelimit-reset"));
    expect(reset - inSeconds).toBeGreaterThan(50);
    expect(reset - inSeconds).toBeLessThan(70);
    await reply(await relayToken(of.accountId), {});
    const refused = await reply(of.token, {});
    expect([refused.status, refused.json]).toEqual([429, { error: "Rate limit exceeded" }]);
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    expect((await reply(agent.token, {})).status).toBe(400);
  });

  it("an account without a rate has the usual one, and a session without an account none", async () => {
    const of = await addAgent(place, { rateLimitPerMinute: 0 });
    expect((await reply(of.token, {})).headers.get("x-ratelimit-limit")).toBe("60");
    const { token } = await addSession(place);
    expect((await reply(token, {})).headers.get("x-ratelimit-limit")).toBe(null);
  });

  it("a paired session whose account is gone answers as an unpaired one", async () => {
    const of = await addAgent(place);
    await control
      .update(kakaoSessions)
      .set({ accountId: sql`NULL` })
      .where(eq(kakaoSessions.id, of.sessionId));
    expect(await reply(of.token, {})).toMatchObject(refusal(401, "SESSION_NOT_PAIRED"));
  });
});

it("a callback URL takes one call: the fake Kakao is as strict as the real one", async () => {
  const url = await issueCallback("ok");
  const post = () =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(WELL),
    });
  expect([(await post()).status, (await post()).status]).toEqual([200, 400]);
});
