import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answerFault } from "../../src/cli/kakao-limits.ts";
import { type Kakao, startKakao, textOf } from "./kakao.ts";
import { answer, readBody } from "./serve.ts";

/*
 * The fake Kakao, against a skill server that answers what it is told to, and against callers of its callback URLs who
 * do everything that Kakao refuses.
 */

let skill: Server;
let webhookUrl: string;
let requests: { headers: Record<string, unknown>; body: string }[];
let reply: { status?: number; body: object | string; type?: string } | "nothing";
let kakao: Kakao;

beforeEach(async () => {
  requests = [];
  reply = { body: { version: "2.0", useCallback: true } };
  skill = createServer((request, response) => {
    void readBody(request).then((body) => {
      requests.push({ headers: request.headers, body: body.toString() });
      if (reply === "nothing") return;
      const { status = 200, type = "application/json" } = reply;
      answer(response, status, reply.body as never, { "content-type": type });
    });
  });
  await new Promise<void>((resolve) => skill.listen(0, "127.0.0.1", resolve));
  webhookUrl = `http://127.0.0.1:${(skill.address() as AddressInfo).port}/kakao/webhook`;
  kakao = await startKakao({ webhookUrl, secret: "s3cret" });
});
afterEach(async () => {
  await kakao.close();
  skill.closeAllConnections();
  skill.close();
});

const says = (...texts: string[]) => ({
  version: "2.0",
  template: { outputs: texts.map((text) => ({ simpleText: { text } })) },
});

async function call(url: string, body: unknown, init: RequestInit = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    redirect: "manual",
    ...init,
  });
  return response.status;
}

describe("a message", () => {
  it("is a signed skill request with the user's keys and a callback URL of its own", async () => {
    const first = await kakao.write("user-1", "안녕");
    const second = await kakao.write("user-1", "안녕", false);
    expect(first.payload).toMatchObject({
      userRequest: {
        utterance: "안녕",
        timezone: "Asia/Seoul",
        lang: null,
        callbackUrl: expect.stringContaining(kakao.origin),
        user: { type: "botUserKey", properties: { plusfriendUserKey: "user-1" } },
      },
      bot: { id: expect.any(String) },
    });
    expect(second.payload.userRequest).not.toHaveProperty("callbackUrl");
    const [{ headers, body } = { headers: {}, body: "" }] = requests;
    expect(headers["content-type"]).toBe("application/json;charset=UTF-8");
    const signature = createHmac("sha256", "s3cret").update(body).digest("hex");
    expect(headers["x-kakao-signature"]).toBe(signature);
  });

  it.each([
    [{ body: { version: "2.0", useCallback: true, data: { text: "잠시만요" } } }, true, "callback"],
    [{ body: says("안녕") }, false, "inline"],
    [{ body: { version: "2.0", useCallback: true } }, false, "fault"],
    [{ body: { useCallback: true } }, true, "fault"],
    [{ body: says("안녕"), status: 201 }, true, "fault"],
    [{ body: says("안녕"), type: "text/html" }, true, "fault"],
    [{ body: "안녕" as const }, true, "fault"],
    [{ body: says() }, true, "fault"],
  ])("whose answer is %j, with a callback URL: %j → %s", async (answered, hasCallback, kind) => {
    reply = answered;
    const { answer: read } = await kakao.write("user-1", "안녕", hasCallback);
    expect(read.kind).toBe(kind);
  });

  it("that has no answer within 5 s has none", async () => {
    reply = "nothing";
    expect(await kakao.write("user-1", "안녕")).toMatchObject({ status: null, body: null });
  }, 10_000);
});

describe("a callback URL", () => {
  it("takes one answer", async () => {
    const { url, end } = kakao.issue();
    expect(await call(url, says("하나"))).toBe(200);
    expect(await call(url, says("둘"))).toBe(400);
    const taken = await end;
    expect(taken.kind === "answer" && textOf(taken.answer)).toBe("하나");
    expect(kakao.refusals).toMatchObject([{ status: 400, why: "callback is used" }]);
  });

  it("takes none when its time is over", async () => {
    const short = await startKakao({ webhookUrl, validMs: 20 });
    const { url, end } = short.issue();
    expect(await end).toEqual({ kind: "expired" });
    expect(await call(url, says("늦음"))).toBe(400);
    await short.close();
  });

  it("that nobody was given takes none", async () => {
    expect(await call(`${kakao.origin}/v1/bots/simulator/callback/0`, says("하나"))).toBe(400);
  });

  it.each([
    [says("하나"), { method: "PUT" }, 405],
    [says("하나"), { headers: { "content-type": "text/plain" } }, 415],
    ["{", {}, 400],
    [says("가".repeat(1_048_576 / 3)), {}, 413],
    [says("가".repeat(1001)), {}, 400],
    [{ ...says("하나"), version: "1.0" }, {}, 400],
  ])("is used up by what Kakao refuses: %.60j %j → %d", async (body, init, status) => {
    const { url, end } = kakao.issue();
    expect(await call(url, body, init)).toBe(status);
    expect(await end).toMatchObject({ kind: "refused" });
    expect(await call(url, says("하나"))).toBe(400);
  });

  it("in mode redirect leads to an address that takes nothing", async () => {
    kakao.setMode("redirect");
    const { url } = kakao.issue();
    expect(await call(url, says("하나"), { redirect: "follow" })).toBe(400);
    expect(kakao.refusals).toMatchObject([{ why: expect.stringContaining("/followed") }]);
  });

  it("in mode down answers 500", async () => {
    kakao.setMode("down");
    expect(await call(kakao.issue().url, says("하나"))).toBe(500);
  });
});

describe("an answer", () => {
  const outputs = (...list: unknown[]) => ({ version: "2.0", template: { outputs: list } });
  const button = (label: string) => ({ label, action: "message", messageText: "x" });
  const card = (more: object) => ({ basicCard: { thumbnail: { imageUrl: "https://i" }, ...more } });
  const item = { title: "x" };

  it.each<[unknown, string | undefined]>([
    [says("가".repeat(1000)), undefined],
    [outputs(card({ title: "가".repeat(50), buttons: [button("가".repeat(14))] })), undefined],
    [outputs({ listCard: { header: item, items: [item] } }), undefined],
    [outputs({ carousel: { type: "basicCard", items: [card({}).basicCard] } }), undefined],
    [outputs({ itemCard: { itemList: [] } }), undefined],
    [null, "body"],
    [{}, "version"],
    [{ version: "2.0" }, "template"],
    [says("1", "2", "3", "4"), "template.outputs"],
    [says(""), "template.outputs[0].simpleText.text"],
    [outputs({ simpleText: { text: 1 } }), "template.outputs[0].simpleText.text"],
    [outputs({}), "template.outputs[0]"],
    [outputs({ simpleText: { text: "a" }, simpleImage: {} }), "template.outputs[0]"],
    [
      outputs({ simpleImage: { imageUrl: "https://i" } }),
      "template.outputs[0].simpleImage.altText",
    ],
    [outputs({ textCard: {} }), "template.outputs[0].textCard"],
    [outputs({ basicCard: {} }), "template.outputs[0].basicCard.thumbnail"],
    [outputs(card({ title: "가".repeat(51) })), "template.outputs[0].basicCard.title"],
    [outputs(card({ description: "가".repeat(231) })), "template.outputs[0].basicCard.description"],
    [
      outputs(card({ buttons: Array(4).fill(button("a")) })),
      "template.outputs[0].basicCard.buttons",
    ],
    [
      outputs(card({ buttons: [button("가".repeat(15))] })),
      "template.outputs[0].basicCard.buttons[0].label",
    ],
    [outputs({ commerceCard: { price: "1" } }), "template.outputs[0].commerceCard.price"],
    [
      outputs({ listCard: { header: item, items: Array(6).fill(item) } }),
      "template.outputs[0].listCard.items",
    ],
    [
      outputs({ carousel: { type: "textCard", items: Array(11).fill(item) } }),
      "template.outputs[0].carousel.items",
    ],
    [
      { version: "2.0", template: { ...says("a").template, quickReplies: Array(11).fill({}) } },
      "template.quickReplies",
    ],
  ])("%.100j is refused for %s", (body, field) => {
    expect(answerFault(body)?.split(":")[0]).toBe(field);
  });
});
