import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { kakaoMessages } from "../../src/db/schema/kakao.ts";
import { TEXTS } from "../../src/kakao/texts.ts";
import { waitFor } from "../support/wait-for.ts";
import { makeChannel, pairUser, relay, relayWith, skillRequest, textOf } from "./kakao-support.ts";
import { bindings, control } from "./support.ts";

/*
 * Without a callback URL the request itself waits for the answer. The rows are written here as a reply writes them.
 * Each test has a user of its own, and mostly waits.
 */

beforeAll(async () => {
  await makeChannel("kakao");
});

const answerOf = (text: string) =>
  JSON.stringify({ version: "2.0", template: { outputs: [{ simpleText: { text } }] } });

const ask = (user: string, text: string) =>
  relay("POST", "/kakao/webhook", skillRequest(user, text));

async function messageOf(user: string, text: string) {
  return waitFor(
    async () => {
      const rows = await control.select().from(kakaoMessages).where(eq(kakaoMessages.userId, user));
      return rows.find((row) => row.text === text);
    },
    { what: `the message ${text}` },
  );
}

async function setAnswer(id: string, answerState: "answered" | "late", text: string) {
  await control
    .update(kakaoMessages)
    .set({ answerState, answer: answerOf(text) })
    .where(eq(kakaoMessages.id, id));
}

describe.concurrent("a request without a callback URL", () => {
  it("is answered with what the agent says in time, and the row says that it was given", async () => {
    await pairUser("held");
    const asked = ask("held", "뭐 해?");
    const message = await messageOf("held", "뭐 해?");
    expect(message.callbackUrl).toBeNull();
    expect(message.heldUntil).toBe(message.createdAt + 4_500);
    await setAnswer(message.id, "answered", "듣고 있어요");
    const { json } = await asked;
    expect(json).toEqual(JSON.parse(answerOf("듣고 있어요")));
    expect(await messageOf("held", "뭐 해?")).toMatchObject({ answerState: "given" });
  });

  it("says after 4.5 s that the answer comes with the next message, and then it does", async () => {
    await pairUser("patient");
    expect(textOf(await ask("patient", "오래 걸려?"))).toBe(TEXTS.answerComesLater);
    await setAnswer((await messageOf("patient", "오래 걸려?")).id, "late", "네, 좀요");
    const asked = ask("patient", "이제는?");
    await setAnswer((await messageOf("patient", "이제는?")).id, "answered", "다 됐어요");
    expect(textOf(await asked)).toBe("네, 좀요\n---\n다 됐어요");
    expect(await messageOf("patient", "오래 걸려?")).toMatchObject({ answerState: "given" });
  });

  it("late answers come also when the next one is late again", async () => {
    await pairUser("later");
    const first = ask("later", "하나");
    await setAnswer((await messageOf("later", "하나")).id, "late", "늦은 답");
    expect(textOf(await first)).toBe(`늦은 답\n---\n${TEXTS.answerComesLater}`);
  });

  it("is answered with what the agent says although the late answers cannot be read", async () => {
    await pairUser("torn");
    const first = ask("torn", "하나");
    const { id } = await messageOf("torn", "하나");
    await first;
    await setAnswer(id, "late", "");
    await control.update(kakaoMessages).set({ answer: "{" }).where(eq(kakaoMessages.id, id));
    const asked = ask("torn", "둘");
    await setAnswer((await messageOf("torn", "둘")).id, "answered", "답");
    expect(textOf(await asked)).toBe("답");
  });

  it("that comes twice is one message, and both get its answer", async () => {
    await pairUser("twice");
    const both = [ask("twice", "들려?"), ask("twice", "들려?")];
    const message = await messageOf("twice", "들려?");
    await setAnswer(message.id, "answered", "들려요");
    const texts = (await Promise.all(both)).map(textOf);
    expect(texts).toEqual(["들려요", "들려요"]);
    const rows = await control
      .select()
      .from(kakaoMessages)
      .where(eq(kakaoMessages.userId, "twice"));
    expect(rows).toHaveLength(1);
  });

  it("given up by its caller takes no answer: it stays for the next message", async () => {
    await pairUser("gone");
    const leaving = new AbortController();
    const { signal } = leaving;
    const asked = relayWith({}, "POST", "/kakao/webhook", skillRequest("gone", "안녕"), {}, signal);
    const { id } = await messageOf("gone", "안녕");
    leaving.abort();
    await asked;
    await setAnswer(id, "answered", "아무도 없나요");
    expect(await messageOf("gone", "안녕")).toMatchObject({ answerState: "answered" });
  });

  it("of an /unpair-ed user: what was late is for nobody else", async () => {
    await pairUser("fickle");
    const first = ask("fickle", "하나");
    const { id } = await messageOf("fickle", "하나");
    await first;
    await setAnswer(id, "late", "옛 답");
    await ask("fickle", "/unpair");
    expect(await messageOf("fickle", "하나")).toMatchObject({ answerState: "failed" });
  });

  it("of a user who has another agent now: what the one before says too late goes to nobody", async () => {
    await pairUser("moved");
    const first = ask("moved", "하나");
    const { id } = await messageOf("moved", "하나");
    await first;
    await ask("moved", "/unpair");
    await pairUser("moved");
    await setAnswer(id, "late", "옛 에이전트의 답");
    const next = ask("moved", "둘");
    await setAnswer((await messageOf("moved", "둘")).id, "answered", "새 답");
    expect(textOf(await next)).toBe("새 답");
  });

  it("gets the answer that was taken for it also when late ones cannot be read", async () => {
    await pairUser("half");
    const DB = failingDatabase(/order by "kakao_messages"."created_at" desc/);
    const asked = relayWith({ DB }, "POST", "/kakao/webhook", skillRequest("half", "응?"));
    await setAnswer((await messageOf("half", "응?")).id, "answered", "네");
    expect(textOf(await asked)).toBe("네");
  });

  it("waits on when the database cannot be asked for a moment", async () => {
    await pairUser("blink");
    const DB = failingDatabase(/^select "answer_state" from "kakao_messages"/, 2);
    const asked = relayWith({ DB }, "POST", "/kakao/webhook", skillRequest("blink", "응?"));
    await setAnswer((await messageOf("blink", "응?")).id, "answered", "네");
    expect(textOf(await asked)).toBe("네");
  });
});

/** The control database, which fails so often for statements that match. */
function failingDatabase(pattern: RegExp, times = Number.POSITIVE_INFINITY): D1Database {
  let left = times;
  return {
    prepare: (query: string) => {
      if (pattern.test(query) && left-- > 0) throw new Error("D1 is down");
      return bindings.DB.prepare(query);
    },
    batch: (statements: D1PreparedStatement[]) => bindings.DB.batch(statements),
  } as D1Database;
}
