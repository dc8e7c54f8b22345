import { writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { answerLines } from "../../src/cli/kakao-answer.ts";
import { readStream } from "../../src/cli/kakao-stream.ts";
import { run } from "../../src/cli/run.ts";
import { textsIn } from "../../src/cli/texts.ts";
import { pickPort } from "../support/pick-port.ts";
import { waitFor } from "../support/wait-for.ts";
import { answerJson, baton, newFolder, serve } from "./support.ts";

/*
 * The simulator against a relay that answers what it is told to. What the two commands do with a real one is in
 * test/e2e/kakao.test.ts.
 */

const says = (text: string) => ({
  version: "2.0",
  template: { outputs: [{ simpleText: { text } }] },
});

/** A skill server: `reply` has the request's text and callback URL. */
async function skillServer(
  reply: (response: ServerResponse, text: string, callbackUrl?: string) => void,
) {
  const { url } = await serve((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const { utterance, callbackUrl } = (
        JSON.parse(body) as { userRequest: { utterance: string; callbackUrl?: string } }
      ).userRequest;
      reply(response, utterance, callbackUrl);
    });
  });
  return url;
}

const echo = () => skillServer((response, text) => answerJson(response, 200, says(`${text}!`)));

/** Answers to the callback URL after it has said so. */
const callsBack = (body: (text: string) => unknown, waiting?: string) =>
  skillServer((response, text, callbackUrl = "") => {
    const data = waiting === undefined ? {} : { data: { text: waiting } };
    answerJson(response, 200, { version: "2.0", useCallback: true, ...data });
    void fetch(callbackUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body(text)),
    });
  });

async function originsEnv(): Promise<Record<string, string>> {
  return { BATON_VAR_KAKAO_CALLBACK_ORIGINS: `http://127.0.0.1:${await pickPort()}` };
}

describe("kakao simulate", () => {
  it("piped: a line each, in their order, empty ones left out", async () => {
    const words = ["kakao", "simulate", "--no-callback", "--url", await echo()];
    const { code, out, err } = await baton(words, { stdin: "하나\n\n 둘 \n" });
    expect({ code, out, err }).toEqual({
      code: 0,
      out: "하나!\n 둘 !\n",
      err: "",
    });
  });

  it("shows the waiting text, and then what comes to the callback URL", async () => {
    const url = await callsBack((text) => says(`${text}\n답`), "잠시만요");
    const words = ["kakao", "simulate", "--once", "안녕", "--url", url];
    const { code, out } = await baton(words, { env: await originsEnv() });
    expect([code, out]).toEqual([0, "잠시만요\n안녕\n답\n"]);
    const json = await baton([...words, "--json"], { env: await originsEnv() });
    const heard = json.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(heard).toMatchObject([
      { message: "안녕", kind: "waiting", text: "잠시만요", ms: expect.any(Number) },
      { message: "안녕", kind: "answer", by: "callback", answer: { version: "2.0" } },
    ]);
  });

  it("says why Kakao would not show an answer, and ends with 1", async () => {
    const url = await callsBack(() => says("가".repeat(1001)));
    const { code, err } = await baton(["kakao", "simulate", "--once", "안녕", "--url", url], {
      env: await originsEnv(),
    });
    expect(code).toBe(1);
    expect(err).toMatch(/^baton: Kakao .*template\.outputs\[0\]\.simpleText\.text: has 1001/);
  });

  it.each([
    [503, { error: "No source is the channel" }, /503 No source is the channel/],
    [401, { error: "Missing signature" }, /KAKAO_SIGNATURE_SECRET=/],
    [200, { version: "2.0", useCallback: true }, /useCallback/],
  ])("a webhook that answers %d %j: %s", async (status, body, expected) => {
    const url = await skillServer((response) => answerJson(response, status, body));
    const words = ["kakao", "simulate", "--no-callback", "--once", "안녕", "--url", url];
    const { code, out, err } = await baton(words);
    expect([code, out, err]).toEqual([1, "", expect.stringMatching(expected)]);
  });

  it("one that is slow is what Kakao's users see, one that is not there ends the command", async () => {
    const url = await skillServer(() => {});
    const words = ["kakao", "simulate", "--no-callback", "--once", "안녕", "--url"];
    const slow = await baton([...words, url]);
    expect([slow.code, slow.err]).toEqual([1, expect.stringContaining("5 s")]);
    const away = await baton([...words, `http://127.0.0.1:${await pickPort()}`]);
    expect(away.code).toBe(3);
  });

  it("takes the first address that the session allows and nobody has", async () => {
    const taken = await serve(() => {});
    const free = `http://127.0.0.1:${await pickPort()}`;
    let called = "";
    const url = await skillServer((response, _text, callbackUrl = "") => {
      called = callbackUrl;
      answerJson(response, 200, says("네"));
    });
    const state = newFolder();
    const local = {
      appUrl: url,
      apiKey: "bt_x",
      pid: process.pid,
      kakao: { callbackOrigins: [taken.url, free] },
    };
    writeFileSync(join(state, "local.json"), JSON.stringify(local));
    const { code } = await baton(["kakao", "simulate", "--once", "안녕"], {
      env: { BATON_STATE: state },
    });
    expect([code, new URL(called).origin]).toEqual([0, free]);
    const none = { ...local, kakao: { callbackOrigins: [taken.url] } };
    writeFileSync(join(state, "local.json"), JSON.stringify(none));
    const refused = await baton(["kakao", "simulate", "--once", "안녕"], {
      env: { BATON_STATE: state },
    });
    expect([refused.code, refused.err]).toEqual([
      2,
      expect.stringContaining(new URL(taken.url).port),
    ]);
  });

  it("calls another channel by its source", async () => {
    const server = await serve((_, response) => answerJson(response, 200, says("네")));
    const words = ["kakao", "simulate", "--no-callback", "--once", "x", "--url", server.url];
    await baton(words);
    await baton([...words, "--source", "shop"]);
    expect(server.requests.map(({ url }) => url)).toEqual([
      "/kakao/webhook",
      "/kakao/shop/webhook",
    ]);
  });

  it("at a terminal: answers appear above what is being written, and Ctrl-D ends it", async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
    let out = "";
    stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    const ended = run(
      {
        env: { HOME: newFolder(), LANG: "ko_KR.UTF-8" },
        cwd: newFolder(),
        stdin,
        stdout,
        stderr: new PassThrough(),
        say: textsIn("ko"),
        signal: new AbortController().signal,
      },
      ["kakao", "simulate", "--no-callback", "--url", await echo()],
    );
    stdin.write("안녕\r");
    await waitFor(() => out.includes("안녕!\n"), { what: "the answer", explain: () => out });
    stdin.write("\u0004");
    expect(await ended).toBe(0);
  });

  it("says in Korean what is missing", async () => {
    const words = ["kakao", "simulate", "--once", "x", "--url", "http://127.0.0.1:9"];
    const { code, err } = await baton(words, { env: { BATON_LANG: "ko" } });
    expect(code).toBe(2);
    expect(err).toMatch(/로컬 세션.*BATON_VAR_KAKAO_CALLBACK_ORIGINS=http:\/\/127\.0\.0\.1:18443/);
  });
});

describe("kakao agent", () => {
  it("says what a relay says that has no room, and what is no relay", async () => {
    const full = await serve((_, response) => answerJson(response, 429, { error: "Too many" }));
    expect(await baton(["kakao", "agent", "--url", full.url])).toMatchObject({
      code: 3,
      err: "baton: Too many\n",
    });
    const page = await serve((_, response) => response.end("<html>"));
    expect((await baton(["kakao", "agent", "--url", page.url])).code).toBe(3);
  });

  it("goes on when a further code of its paired session has run out, and ends with the first one", async () => {
    const stream = (status: string) =>
      serve((request, response) => {
        if (request.method === "POST") return answerJson(response, 200, { success: true });
        response.setHeader("content-type", "text/event-stream");
        const events = {
          connected: { status },
          pairing_expired: { reason: "Pairing code expired" },
          message: { id: "1", normalized: { text: "안녕" } },
        };
        for (const [name, data] of Object.entries(events)) {
          response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
        }
        response.end();
      });
    const words = ["kakao", "agent", "--once", "--token", "0".repeat(64), "--url"];
    const { url } = await stream("paired");
    expect(await baton([...words, url])).toMatchObject({ code: 0, out: "← 안녕\n→ echo: 안녕\n" });
    expect((await baton([...words, (await stream("pending_pairing")).url])).code).toBe(1);
  });

  it("ends when its token is over", async () => {
    const over = await serve((_, response) => answerJson(response, 401, { error: "x" }));
    const words = ["kakao", "agent", "--token", "0".repeat(64), "--url", over.url];
    expect(await baton(words)).toMatchObject({ code: 1, err: expect.stringContaining("--token") });
  });
});

it("an event stream is read as the plugins read it", async () => {
  const text = [
    ": ping\n\n",
    'event: connected\ndata: {"a":1}\n\n',
    "event: nothing\n\n",
    'data: {"no":"name"}\n\n',
    'event: message\ndata: {"text":"안녕"}\n\n',
    'event: cut\ndata: {"b"',
  ].join("");
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const events = [];
  for await (const event of readStream(body)) events.push(event);
  expect(events).toEqual([
    { name: "connected", data: { a: 1 } },
    { name: "message", data: { text: "안녕" } },
  ]);
});

it.each([
  [{ simpleImage: { imageUrl: "https://i", altText: "그림" } }, ["그림"]],
  [
    {
      basicCard: {
        title: "제목",
        description: "설명",
        buttons: [{ label: "예" }, { label: "아니요" }],
      },
    },
    ["제목", "설명", "[예] [아니요]"],
  ],
  [
    { listCard: { header: { title: "목록" }, items: [{ title: "하나", description: "1" }] } },
    ["목록", "하나", "1"],
  ],
  [{ carousel: { type: "textCard", items: [{ title: "가" }, { title: "나" }] } }, ["가", "나"]],
])("what a user reads of %j", (output, lines) => {
  expect(
    answerLines({ template: { outputs: [output], quickReplies: [{ label: "처음" }] } }),
  ).toEqual([...lines, "[처음]"]);
});
