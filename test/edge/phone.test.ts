import { beforeAll, describe, expect, it } from "vitest";
import messages from "../sms/messages.json";
import {
  count,
  edgeEnv,
  failingR2,
  makeSender,
  makeSource,
  send,
  sendWith,
  storedEvent,
  streamOf,
} from "./support.ts";

const URL_OF_SOURCE = "http://phone.localhost/sms";
const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded" };
const DEDUP = { from: "sms", windowSeconds: 120 };
const encode = (text: string) => new TextEncoder().encode(text);

beforeAll(async () => {
  await makeSource("phone", { preset: "phone" });
});

/** A request's answer, its JSON and its event's body. */
async function post(body: BodyInit | null, headers: HeadersInit = {}, url = URL_OF_SOURCE) {
  const response = await send(url, { method: "POST", headers, body });
  return answerOf(response);
}

async function answerOf(response: Response) {
  const { status, headers } = response;
  const json = (await response.json()) as Record<string, unknown>;
  return { status, json, headers, id: headers.get("x-baton-event-id"), response };
}

async function bodyOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array((await storedEvent(response)).body ?? new ArrayBuffer());
}

describe("a phone's message is stored byte for byte and answered with a tiny JSON", () => {
  const transport = messages.filter(({ category }) => category === "transport");

  it.each(transport.map((sample) => [sample.id, sample] as const))(
    "sample %s",
    async (_, sample) => {
      const { body, bodyBase64, contentType } = sample as unknown as Record<
        string,
        string | undefined
      >;
      const bytes = bodyBase64 ? Uint8Array.fromBase64(bodyBase64) : encode(body ?? "");
      const answer = await post(bytes, contentType ? { "content-type": contentType } : {});
      const { accepted } = sample.expected as { accepted: boolean };
      expect([answer.status === 200, answer.json.ok]).toEqual([accepted, accepted]);
      if (!accepted) return;
      expect(answer.json).toEqual({ ok: true, id: answer.id });
      expect(answer.headers.get("content-type")).toContain("application/json");
      expect(await bodyOf(answer.response)).toEqual(bytes);
    },
  );

  const form = new FormData();
  form.set("message", "인증번호 482910");
  it.each<[string, BodyInit, HeadersInit]>([
    ["iOS Shortcuts", '{"message":"[Web발신]\\n승인 1,000원","sender":"1544-0000"}', JSON_TYPE],
    ["an app that nests it", '{"event":"sms:received","payload":{"message":"승인"}}', JSON_TYPE],
    ["MacroDroid, JSON broken by line ends", '{"message":"[Web발신]\n"승인" 1원"}', JSON_TYPE],
    ["plain text", "승인 1,000원", { "content-type": "text/plain" }],
    ["plain text that is called a form", "승인 1,000원", FORM_TYPE],
    ["a multipart form", form, {}],
    ["EUC-KR", new Uint8Array([0xbd, 0xc2, 0xc0, 0xce]), { "content-type": "text/plain" }],
    ["JSON without a text", '{"amount":1}', JSON_TYPE],
    ["bytes that are no text", new Uint8Array([0, 1, 2, 255]), {}],
    ["a sender without a text", '{"message":"","sender":"1544"}', JSON_TYPE],
    ["64 KiB", "x".repeat(64 * 1024), {}],
  ])("%s", async (_, body, headers) => {
    const answer = await post(body, headers);
    expect([answer.status, answer.json]).toEqual([200, { ok: true, id: answer.id }]);
    expect((await storedEvent(answer.response)).status).toBe("stored");
  });

  it("a GET with the message in its query", async () => {
    const response = await send(`${URL_OF_SOURCE}?message=%EC%8A%B9%EC%9D%B8&from=1544`);
    expect(response.status).toBe(200);
    expect(await storedEvent(response)).toMatchObject({
      method: "GET",
      query: "message=%EC%8A%B9%EC%9D%B8&from=1544",
    });
  });

  it("with its own answer, where the source has one", async () => {
    await makeSource("phoneown", {
      preset: "phone",
      response: { status: 202, headers: {}, body: "thanks" },
    });
    const response = await send("http://phoneown.localhost/", { method: "POST", body: "a" });
    expect([response.status, await response.text()]).toEqual([202, "thanks"]);
  });
});

describe("refused with `ok: false`, a reason and a remedy, and nothing is stored", () => {
  const multipart = '--b\r\nContent-Disposition: form-data; name="message"\r\n\r\n\r\n--b--\r\n';
  it.each<[string, BodyInit | null, HeadersInit]>([
    ["no body", null, {}],
    ["an empty body", "", JSON_TYPE],
    ["blanks", " \r\n\t", {}],
    ["a shortcut with an empty variable", '{"message":""}', JSON_TYPE],
    ["JSON of blanks", '{"message":" \\n","sender":null,"more":{}}', JSON_TYPE],
    ["an empty form", "message=&from=", FORM_TYPE],
    ["an empty multipart form", multipart, { "content-type": "multipart/form-data; boundary=b" }],
  ])("%s: 400", async (_, body, headers) => {
    const before = await count("events");
    const answer = await post(body, headers);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      400,
      "application/problem+json",
    ]);
    expect(answer.json).toMatchObject({ ok: false, status: 400 });
    expect(answer.json.detail).toContain('{"message":"');
    expect(await count("events")).toBe(before);
  });

  it("a GET whose query holds no message: 400", async () => {
    expect((await send(`${URL_OF_SOURCE}?x=1`)).status).toBe(400);
  });

  it.each([
    ["with a length", (bytes: Uint8Array<ArrayBuffer>) => bytes],
    ["without a length", (bytes: Uint8Array) => streamOf(bytes)],
  ])("64 KiB and one byte, %s: 413", async (_, wrap) => {
    for (const size of [64 * 1024 + 1, 300 * 1024]) {
      const before = [await count("events"), (await edgeEnv.BODIES.list()).objects.length];
      const answer = await post(wrap(new Uint8Array(size).fill(97)));
      expect([answer.status, answer.json.ok]).toEqual([413, false]);
      expect(answer.json.detail).toContain("64 KiB");
      const after = [await count("events"), (await edgeEnv.BODIES.list()).objects.length];
      expect(after).toEqual(before);
    }
  });

  it("a declared length above 64 KiB is not even read", async () => {
    const BODIES = failingR2({ put: () => Promise.reject(new Error("was asked")) });
    const headers = { "content-length": String(300 * 1024) };
    const init = { method: "POST", headers, body: new Uint8Array(300 * 1024) };
    expect((await sendWith({ BODIES }, URL_OF_SOURCE, init)).status).toBe(413);
  });
});

describe("one message that comes twice is one event", () => {
  const sms = (more: object = {}) => JSON.stringify({ message: "승인 12,000원", ...more });
  let slugs = 0;
  let slug = "";

  async function newSource(options: Parameters<typeof makeSource>[1] = {}): Promise<string> {
    slug = `twice${++slugs}`;
    return makeSource(slug, { preset: "phone", dedup: DEDUP, ...options });
  }
  const sms2 = (body: string, headers: HeadersInit = JSON_TYPE, query = "") =>
    post(body, headers, `http://${slug}.localhost/${query}`);

  it("however it is written: the first id, and the answer says so", async () => {
    await newSource();
    const first = await sms2(sms());
    expect(first.json).toEqual({ ok: true, id: first.id });
    for (const [body, headers] of [
      [sms(), JSON_TYPE],
      ['{"text":"[Web발신]\r\n승인  12,000원 "}', JSON_TYPE],
      ["message=%EC%8A%B9%EC%9D%B8+12%2C000%EC%9B%90", FORM_TYPE],
      ["승인 12,000원", { "content-type": "text/plain" }],
    ] as const) {
      const again = await sms2(body, headers);
      expect([again.status, again.json]).toEqual([
        200,
        { ok: true, id: first.id, duplicate: true },
      ]);
      expect(again.headers.get("x-baton-duplicate")).toBe("true");
    }
    expect(await count("events", `source_id = 'src_${slug}'`)).toBe(1);
  });

  it("ten at once: one event, ten answers with its id", async () => {
    await newSource();
    const answers = await Promise.all(Array.from({ length: 10 }, () => sms2(sms())));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ json }) => json.duplicate)).toHaveLength(9);
    expect(await count("events", `source_id = 'src_${slug}'`)).toBe(1);
  });

  it.each([
    ["another text", sms(), sms({ message: "승인 12,001원" })],
    ["another number", sms({ from: "15440000" }), sms({ from: "15880000" })],
    ["another id of the forwarder", sms({ messageId: "a" }), sms({ messageId: "b" })],
    ["another time", sms({ receivedAt: "12:34:01" }), sms({ receivedAt: "12:34:02" })],
    ["no message at all", '{"amount":1}', '{"amount":1}'],
    [
      "texts that differ far behind",
      `{"message":"${"가".repeat(4500)}a"}`,
      `{"message":"${"가".repeat(4500)}b"}`,
    ],
  ])("%s is another event", async (_, one, other) => {
    await newSource();
    const first = await sms2(one);
    const second = await sms2(other);
    expect([second.json.duplicate, second.id === first.id]).toEqual([undefined, false]);
  });

  it("the same id and time is the same message", async () => {
    await newSource();
    const more = { payload: { message: "승인", messageId: "a", receivedAt: "12:34" } };
    const first = await sms2(JSON.stringify({ ...more, event: "sms:received" }));
    expect((await sms2(JSON.stringify(more))).id).toBe(first.id);
  });

  it("two phones that get the same text are told apart by their keys", async () => {
    const source = await newSource();
    await makeSender(source, "bts_a");
    await makeSender(source, "bts_b");
    const first = await sms2(sms(), { "x-baton-sender": "bts_a" });
    const second = await sms2(sms(), { "x-baton-sender": "bts_b" });
    expect(second.id).not.toBe(first.id);
    expect((await sms2(sms(), { "x-baton-sender": "bts_a" })).id).toBe(first.id);
  });

  it("in the query too", async () => {
    await newSource();
    const ask = async (query: string) => answerOf(await send(`http://${slug}.localhost/?${query}`));
    const first = await ask("message=a+b");
    expect((await ask("text=a%20b")).id).toBe(first.id);
    expect((await ask("message=a+c")).id).not.toBe(first.id);
  });

  it("without `dedup` every request is an event", async () => {
    const source = await newSource();
    await edgeEnv.DB.prepare("UPDATE sources SET dedup = NULL WHERE id = ?").bind(source).run();
    expect((await sms2(sms())).id).not.toBe((await sms2(sms())).id);
  });
});
