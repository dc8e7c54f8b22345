import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Kakao, startKakao, textOf, type Written } from "../emulators/kakao.ts";
import { COMPILE_CACHE } from "../support/compile-cache.ts";
import { KakaoAgent } from "../support/kakao-agent.ts";
import { pickPort } from "../support/pick-port.ts";
import { ROOT } from "../support/run-program.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call } from "./support.ts";

/*
 * A KakaoTalk channel and agents, over a real session: a strict fake Kakao that signs its requests, gives each message
 * a callback URL for one use and waits 5 s for the webhook; and plugins that read streams as strictly as any does.
 */

const SECRET = "kakao-e2e-signature";

let session: TestSession;
let kakao: Kakao;
const agents: KakaoAgent[] = [];
let desk: KakaoAgent | undefined;

/** The relay URL that an operator gives to a plugin. */
const relayUrl = () => `http://127.0.0.1:${session.env.BATON_PORT}`;

async function newAgent(): Promise<KakaoAgent> {
  const agent = await KakaoAgent.create(relayUrl());
  agents.push(agent);
  await agent.connect();
  return agent;
}

/** Another user of the one agent that has no part in its tests: sessions are few for one address. */
async function another(user: string): Promise<KakaoAgent> {
  if (!desk) {
    desk = await paired(user);
    return desk;
  }
  const code = await desk.furtherCode();
  expect(inline(await kakao.write(user, `/pair ${code}`))).toContain("✅");
  return desk;
}

/** A new agent, and a user that is connected to it. */
async function paired(user: string): Promise<KakaoAgent> {
  const agent = await newAgent();
  expect(inline(await kakao.write(user, `/pair ${agent.session.pairingCode}`))).toContain("✅");
  await agent.next("pairing_complete");
  return agent;
}

/** What the webhook itself has answered. */
function inline({ answer, status, body }: Written): string {
  expect({ status, body, answer }).toMatchObject({ status: 200, answer: { kind: "inline" } });
  return String(textOf(body));
}

/** What has come to the callback URL. */
async function called({ answer, end }: Written): Promise<unknown> {
  expect(answer.kind).toBe("callback");
  const ended = await end;
  return ended?.kind === "answer" ? textOf(ended.answer) : ended;
}

beforeAll(async () => {
  const port = await pickPort();
  kakao = await startKakao({
    webhookUrl: `http://127.0.0.1:${port}/kakao/webhook`,
    secret: SECRET,
  });
  // The fake's own address stands first, so that the simulator finds it taken.
  const origins = [kakao.origin, `http://127.0.0.1:${await pickPort()}`];
  session = await startSession({
    env: {
      BATON_PORT: String(port),
      BATON_VAR_KAKAO_CALLBACK_ORIGINS: origins.join(","),
      BATON_VAR_KAKAO_SIGNATURE_SECRET: SECRET,
    },
  });
}, 120_000);

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.leave()));
  await kakao.close();
});

describe("a whole conversation", () => {
  it("create → stream → /pair → message → reply → offline → three messages → reconnect → /unpair", async () => {
    const agent = await newAgent();
    expect(agent.session).toMatchObject({
      sessionToken: expect.stringMatching(/^[0-9a-f]{64}$/),
      pairingCode: expect.stringMatching(/^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$/),
      expiresIn: 300,
      status: "pending_pairing",
    });
    expect(agent.events).toMatchObject([
      { event: "connected", data: { accountId: "", status: "pending_pairing" } },
    ]);
    expect(inline(await kakao.write("whole", "안녕"))).toContain("/pair");
    expect(inline(await kakao.write("whole", `/pair ${agent.session.pairingCode}`))).toContain(
      "✅",
    );
    expect(await agent.next("pairing_complete")).toMatchObject({
      kakaoUserId: "whole",
      accountId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });

    // On the stream that was open before the pairing; nothing else would bring it within these seconds.
    const hello = await kakao.write("whole", "첫 메시지");
    expect(hello.body).toEqual({ version: "2.0", useCallback: true });
    const first = await agent.message("첫 메시지", 4_000);
    expect(first).toMatchObject({
      conversationKey: expect.stringMatching(/:whole$/),
      normalized: { userId: "whole", text: "첫 메시지" },
      kakaoPayload: { userRequest: { utterance: "첫 메시지" } },
    });
    expect(await agent.reply(first.id, "반가워요")).toMatchObject({
      status: 200,
      body: { success: true, deliveredAt: expect.any(Number) },
    });
    expect(await called(hello)).toBe("반가워요");
    expect(await agent.reply(first.id, "한 번 더")).toMatchObject({
      status: 409,
      body: { code: "ALREADY_REPLIED" },
    });

    await agent.leave();
    const waiting: Written[] = [];
    for (const text of ["하나", "둘", "셋"]) waiting.push(await kakao.write("whole", text));
    await agent.connect();
    expect(agent.texts).toEqual(["첫 메시지", "하나", "둘", "셋"]);
    // Replayed messages come before `connected`.
    expect(agent.events.at(-1)).toMatchObject({ event: "connected", data: { status: "paired" } });
    for (const [i, text] of ["하나", "둘", "셋"].entries()) {
      const { id } = await agent.message(text);
      expect(await agent.reply(id, `${text}의 답`)).toMatchObject({ status: 200 });
      expect(await called(waiting[i] as Written)).toBe(`${text}의 답`);
    }

    // A further stream brings nothing twice.
    await agent.leave();
    await agent.connect();
    const last = await kakao.write("whole", "마지막");
    const { id } = await agent.message("마지막");
    expect(agent.texts).toEqual(["첫 메시지", "하나", "둘", "셋", "마지막"]);
    await agent.reply(id, "끝");
    expect(await called(last)).toBe("끝");

    expect(inline(await kakao.write("whole", "/status"))).toMatch(/✅[^]*5/);
    inline(await kakao.write("whole", "/unpair"));
    expect(inline(await kakao.write("whole", "아직 있나요"))).toContain("/pair");
    expect(inline(await kakao.write("whole", "/status"))).toContain("❌");
    expect(agent.texts).toHaveLength(5);
    expect([agent.faults, kakao.refusals]).toEqual([[], []]);
  });
});

describe("two users and two agents", () => {
  it("each message goes to its user's agent, and each answer to its message's user", async () => {
    const [left, right] = [await paired("left"), await paired("right")];
    const messages = {
      left: await kakao.write("left", "왼쪽"),
      right: await kakao.write("right", "오른쪽"),
    };
    const ids = {
      left: (await left.message("왼쪽")).id,
      right: (await right.message("오른쪽")).id,
    };
    // Somebody else's message is no message.
    expect(await left.reply(ids.right, "x")).toMatchObject({ status: 404 });
    expect(await right.reply(ids.right, "오른쪽 답")).toMatchObject({ status: 200 });
    expect(await left.reply(ids.left, "왼쪽 답")).toMatchObject({ status: 200 });
    expect(await called(messages.left)).toBe("왼쪽 답");
    expect(await called(messages.right)).toBe("오른쪽 답");
    expect([left.texts, right.texts]).toEqual([["왼쪽"], ["오른쪽"]]);
  });

  it("a further code lets a second user in, and answers keep apart", async () => {
    const agent = await paired("first");
    const code = await agent.furtherCode();
    expect(inline(await kakao.write("second", `/pair ${code}`))).toContain("✅");
    // One code, one user.
    expect(inline(await kakao.write("third", `/pair ${code}`))).toContain("❌");
    const messages = {
      first: await kakao.write("first", "나는 첫째"),
      second: await kakao.write("second", "나는 둘째"),
    };
    const second = await agent.message("나는 둘째");
    expect(second.normalized.userId).toBe("second");
    await agent.reply(second.id, "둘째에게");
    await agent.reply((await agent.message("나는 첫째")).id, "첫째에게");
    expect(await called(messages.first)).toBe("첫째에게");
    expect(await called(messages.second)).toBe("둘째에게");
  });
});

describe("what goes wrong", () => {
  it("a webhook that Kakao repeats is one message", async () => {
    const agent = await another("repeat");
    const written = await kakao.write("repeat", "한 번만");
    const again = await kakao.post(written.payload);
    expect([again.status, JSON.parse(again.text)]).toEqual([200, written.body]);
    await kakao.write("repeat", "그다음");
    await agent.message("그다음");
    expect(agent.textsOf("repeat")).toEqual(["한 번만", "그다음"]);
  });

  it("without a callback URL the webhook itself brings the answer", async () => {
    const agent = await another("inline");
    const writing = kakao.write("inline", "바로 답해 줘", false);
    const { id } = await agent.message("바로 답해 줘");
    expect(await agent.reply(id, "바로 답")).toMatchObject({ status: 200 });
    expect(inline(await writing)).toBe("바로 답");
  });

  it("an answer that is too late for that comes with the next message", async () => {
    const agent = await another("late");
    const hold = inline(await kakao.write("late", "오래 걸려", false));
    expect(hold).toContain("다음 메시지");
    const { id } = await agent.message("오래 걸려");
    expect(await agent.reply(id, "늦은 답")).toMatchObject({
      status: 400,
      body: { code: "CALLBACK_EXPIRED" },
    });
    const writing = kakao.write("late", "다음 말", false);
    await agent.reply((await agent.message("다음 말")).id, "다음 답");
    const { body } = await writing;
    expect(textOf(body)).toEqual(["늦은 답", "다음 답"]);
  });

  it.each(["down", "redirect"] as const)("a callback server that is %s is a 502", async (mode) => {
    const user = `in-trouble-${mode}`;
    const agent = await another(user);
    const written = await kakao.write(user, user);
    kakao.setMode(mode);
    const { id } = await agent.message(user);
    expect(await agent.reply(id, "답")).toMatchObject({
      status: 502,
      body: { code: "CALLBACK_FAILED" },
    });
    kakao.setMode("ok");
    expect(written.answer.kind).toBe("callback");
    expect(kakao.refusals.filter(({ why }) => why.includes("/followed"))).toEqual([]);
  });

  it("what Kakao would refuse is refused before its only call, with the field's name", async () => {
    const agent = await another("limits");
    const written = await kakao.write("limits", "길게");
    const { id } = await agent.message("길게");
    const refused = await agent.reply(id, "가".repeat(1001));
    expect(refused).toMatchObject({ status: 400, body: { code: "VALIDATION_ERROR" } });
    expect(refused.body.error).toContain("template.outputs[0].simpleText.text");
    expect(await agent.reply(id, "짧게")).toMatchObject({ status: 200 });
    expect(await called(written)).toBe("짧게");
  });

  it("an unsigned webhook is refused", async () => {
    const { payload } = await kakao.write("unsigned", "/help");
    const response = await fetch(`${relayUrl()}/kakao/webhook`, {
      method: "POST",
      body: JSON.stringify(payload),
    });
    expect([response.status, await response.json()]).toEqual([401, { error: "Missing signature" }]);
  });

  it("every message is an event of the channel's source, which rules hand on; copies of it show no callback URL", async () => {
    const list = async (path: string) =>
      (await call<{ data: Record<string, string>[] }>(session, 200, "GET", path)).data;
    const sourceId = (await list("/sources")).find(({ slug }) => slug === "kakao")?.id;
    const destinationId = (await list("/destinations")).find(({ kind }) => kind === "http")?.id;
    const match = { text: { contains: "기록해 줘" } };
    const rule = { name: "copy", sourceId, destinationId, match };
    await call(session, 201, "POST", "/rules", rule);
    const agent = await another("event");
    const written = await kakao.write("event", "기록해 줘");
    await agent.message("기록해 줘");
    const { callbackUrl } = written.payload.userRequest as { callbackUrl: string };
    const delivery = await waitFor(
      async () => (await list(`/deliveries?sourceId=${sourceId}&status=succeeded`))[0],
      { what: "the copy of the message" },
    );
    const shown = await session.api(`/deliveries/${delivery.id}`);
    expect(await shown.text()).not.toContain(new URL(callbackUrl).pathname);
    const body = await session.api(`/events/${delivery.eventId}/body`);
    expect(await body.json()).toEqual(written.payload);
  });
});

describe("baton kakao", () => {
  const LAUNCHER = join(ROOT, "bin/baton.mjs");

  function baton(words: string[], input = "", env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [LAUNCHER, "kakao", ...words], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        HOME: session.state,
        LANG: "C.UTF-8",
        ...COMPILE_CACHE,
        BATON_STATE: session.state,
        KAKAO_SIGNATURE_SECRET: SECRET,
        ...env,
      },
    });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    const ended = new Promise<number>((done) => child.once("close", (code) => done(code ?? -1)));
    child.stdin.end(input);
    return { child, out: () => out, err: () => err, ended };
  }

  it("simulate and agent: a line is written, and its answer read", async () => {
    const agent = baton(["agent", "--reply", "받았어요: {text}"]);
    const code = await waitFor(() => /[A-Z2-9]{4}-[A-Z2-9]{4}/.exec(agent.out())?.[0], {
      what: "the pairing code",
      explain: agent.err,
    });
    const user = baton(["simulate", "--user", "cli"], `/pair ${code}\n\n안녕\n또 안녕\n`);
    expect([await user.ended, user.err()]).toEqual([0, ""]);
    expect(user.out()).toMatch(/^✅ [^]*받았어요: 안녕\n받았어요: 또 안녕\n$/);
    const json = baton(["simulate", "--user", "cli", "--no-callback", "--once", "바로", "--json"]);
    expect([await json.ended, JSON.parse(json.out())]).toMatchObject([
      0,
      { message: "바로", kind: "answer", by: "inline" },
    ]);
    agent.child.kill("SIGTERM");
    expect(await agent.ended).toBe(130);
    expect(agent.out()).toContain("← 안녕\n→ 받았어요: 안녕\n");
  });

  it("simulate says what is missing", async () => {
    const unsigned = baton(["simulate", "--once", "안녕"], "", { KAKAO_SIGNATURE_SECRET: "" });
    expect([await unsigned.ended, unsigned.err()]).toEqual([
      1,
      expect.stringContaining("KAKAO_SIGNATURE_SECRET"),
    ]);
    const elsewhere = baton(["simulate", "--once", "안녕", "--url", "http://127.0.0.1:9"]);
    expect([await elsewhere.ended, elsewhere.err()]).toEqual([
      2,
      expect.stringContaining("BATON_VAR_KAKAO_CALLBACK_ORIGINS=http://127.0.0.1:18443"),
    ]);
    const away = baton([
      "simulate",
      "--no-callback",
      "--once",
      "안녕",
      "--url",
      "http://127.0.0.1:9",
    ]);
    expect(await away.ended).toBe(3);
  });
});

describe("a session that dies", () => {
  it("a message that was taken is delivered after the restart, and its answer still reaches the user", async () => {
    const agent = await paired("survivor");
    const before = await kakao.write("survivor", "살아 있니");
    // Its answer proves that it came; what was handed over to a stream that then dies comes once more.
    await agent.reply((await agent.message("살아 있니")).id, "그럼");
    expect(await called(before)).toBe("그럼");
    await agent.leave();
    const taken = await kakao.write("survivor", "곧 꺼질 거야");
    expect(taken.answer.kind).toBe("callback");
    await session.kill();
    session = await startSession({ env: session.env });
    await agent.connect();
    const { id } = await agent.message("곧 꺼질 거야");
    expect(await agent.reply(id, "아직 있어")).toMatchObject({ status: 200 });
    expect(await called(taken)).toBe("아직 있어");
    expect(agent.texts).toEqual(["살아 있니", "곧 꺼질 거야"]);
    expect(agent.faults).toEqual([]);
  }, 180_000);
});
