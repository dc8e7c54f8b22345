import { beforeAll, describe, expect, it } from "vitest";
import { deliveries, strays } from "../../src/db/schema/events.ts";
import { newId } from "../../src/ids.ts";
import { call, insertEvent, type Json, makeTenant, shard, type Tenant } from "./support.ts";

const CODE = "482913";
const TEXT = `[네이버] 인증번호 [${CODE}]를 입력해 주세요.`;
const BODY = JSON.stringify({ message: TEXT, from: "15880000" });
const QUERY = `message=${encodeURIComponent(`인증번호 ${CODE}`)}&from=1588`;
const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text));
const JSON_TYPE = "application/json";

let tenant: Tenant;
let phone: string;
let other: string;
beforeAll(async () => {
  tenant = await makeTenant("phone-masks");
  phone = await makeSource("masks-phone", "phone");
  other = await makeSource("masks-other", "generic");
});

async function makeSource(slug: string, preset: string): Promise<string> {
  return String((await call(tenant, "POST", "/sources", { slug, preset })).json.id);
}

const makeEvent = (sourceId: string, more: Parameters<typeof insertEvent>[1] = {}) =>
  insertEvent(tenant, { sourceId, contentType: JSON_TYPE, ...more });

const get = async (path: string) => (await call(tenant, "GET", path)).text;

describe("GET /events and GET /events/{id}", () => {
  it("show no code that a phone sent in its query", async () => {
    const id = await makeEvent(phone, { method: "GET", query: QUERY });
    for (const path of [`/events?sourceId=${phone}`, `/events/${id}`]) {
      const text = await get(path);
      expect(text).toContain("from=1588");
      expect(text).not.toContain(CODE);
    }
  });

  it("nor when its source was deleted since", async () => {
    const gone = await makeSource("masks-gone", "phone");
    const id = await makeEvent(gone, { query: QUERY });
    await call(tenant, "DELETE", `/sources/${gone}`);
    expect(await get(`/events/${id}`)).not.toContain(CODE);
  });

  it("leave other sources' queries as they are", async () => {
    const id = await makeEvent(other, { query: QUERY });
    expect(await get(`/events/${id}`)).toContain(CODE);
    const plain = await makeEvent(phone, { query: "a=%20&message=hello" });
    expect(await get(`/events/${plain}`)).toContain('"query":"a=%20&message=hello"');
  });

  it("tell what the message says, its code masked; a list does not read it", async () => {
    const id = await makeEvent(phone, { body: bytes(BODY) });
    const { json, text } = await call(tenant, "GET", `/events/${id}`);
    expect(json.sms).toMatchObject({
      kind: "otp",
      code: "******",
      service: "네이버",
      sender: "15880000",
      text: TEXT.replace(CODE, "******"),
    });
    expect(text).not.toContain(CODE);
    const card = bytes('{"message":"신한카드(1234)승인 홍*동 12,000원 02/12 12:34 스타벅스"}');
    const paid = await call(tenant, "GET", `/events/${await makeEvent(phone, { body: card })}`);
    expect(paid.json.sms).toMatchObject({ kind: "card", amount: 12000, merchant: "스타벅스" });
    const { data } = (await call(tenant, "GET", `/events?sourceId=${phone}`)).json as {
      data: Json[];
    };
    expect(data.every((event) => event.sms === undefined)).toBe(true);
  });

  it.each([
    ["no message", () => makeEvent(phone, { body: bytes('{"battery":5}') })],
    ["another source", () => makeEvent(other, { body: bytes(BODY) })],
  ])("tell nothing of %s", async (_, make) => {
    expect((await call(tenant, "GET", `/events/${await make()}`)).json.sms).toBeUndefined();
  });

  it("give the body out exactly as it came", async () => {
    const id = await makeEvent(phone, { body: bytes(BODY) });
    expect(await get(`/events/${id}/body`)).toBe(BODY);
  });
});

async function attempted(
  sourceId: string,
  body: Uint8Array<ArrayBuffer> | null,
  more: Partial<typeof deliveries.$inferInsert> = {},
  contentType = JSON_TYPE,
): Promise<string> {
  const eventId = await makeEvent(sourceId, { body, contentType, query: body ? "" : QUERY });
  const id = newId("delivery", Date.now(), 0);
  await shard.insert(deliveries).values({
    id,
    organizationId: tenant.organizationId,
    eventId,
    sourceId,
    destinationId: "dst_x",
    status: "failed",
    createdAt: Date.now(),
    attempt: 1,
    attemptId: newId("attempt"),
    startedAt: Date.now(),
    outcome: "failed",
    request: {
      method: body ? "POST" : "GET",
      url: `https://receiver.example/sms${body ? "" : `?${QUERY}`}`,
      headers: [["content-type", contentType]],
    },
    response: { status: 500, headers: [], truncated: false },
    responseBody: bytes(`cannot take ${CODE}`),
    ...more,
  });
  return id;
}

const shownOf = async (id: string) => [
  await get(`/deliveries/${id}`),
  await get(`/deliveries/${id}/attempts/1/curl`),
];

describe("a delivery, and its copy as a curl command, show no code of a phone's event", () => {
  const FORM = "application/x-www-form-urlencoded";
  it.each<[string, Parameters<typeof attempted>[1], Parameters<typeof attempted>[2], string]>([
    ["JSON", bytes(BODY), {}, JSON_TYPE],
    ["JSON that a template broke", bytes(`{"message":"${TEXT}\n"}`), {}, JSON_TYPE],
    ["a bare code", bytes(CODE), {}, "text/plain"],
    ["a form", bytes(`message=%EC%9D%B8%EC%A6%9D%EB%B2%88%ED%98%B8+482+913`), {}, FORM],
    ["the query", null, {}, JSON_TYPE],
    [
      "a body of the try's own",
      bytes(BODY),
      { requestBody: bytes(`{"text":"a ${CODE}"}`) },
      JSON_TYPE,
    ],
    [
      "a replay's other code",
      bytes('{"message":"인증번호 111222"}'),
      { editBody: bytes(BODY) },
      JSON_TYPE,
    ],
  ])("%s", async (_, body, more, contentType) => {
    const id = await attempted(phone, body, more, contentType);
    for (const text of await shownOf(id)) {
      expect(text).not.toMatch(/482 ?\+?913/);
      expect(text).toContain("******");
    }
  });

  it("nor in what a transform has said about it, also when its source is gone", async () => {
    const gone = await makeSource("masks-detail", "phone");
    const detail = `step 1 (script) failed: cannot read ${CODE}`;
    const id = await attempted(gone, bytes(CODE), { request: { detail } }, "text/plain");
    await call(tenant, "DELETE", `/sources/${gone}`);
    const text = await get(`/deliveries/${id}`);
    expect(text).toContain("cannot read ******");
    expect(text).not.toContain(CODE);
  });

  it("nor the callback URL of a KakaoTalk channel's", async () => {
    const channel = await makeSource("masks-kakao", "kakao");
    const callbackUrl = "https://bot-api.kakao.com/v1/bots/6a/callback/0123456789abcdef";
    const body = bytes(JSON.stringify({ userRequest: { utterance: "안녕", callbackUrl } }));
    const copy = { requestBody: bytes(JSON.stringify({ text: `answer at ${callbackUrl}` })) };
    for (const id of [await attempted(channel, body), await attempted(channel, body, copy)]) {
      for (const text of await shownOf(id)) {
        expect(text).toContain("******");
        expect(text).not.toContain("0123456789abcdef");
      }
    }
    const plain = await attempted(channel, bytes('{"userRequest":null}'));
    expect((await shownOf(plain)).join("")).toContain("userRequest");
  });

  it("and of another source's everything", async () => {
    const id = await attempted(other, bytes(BODY));
    for (const text of await shownOf(id)) expect(text).toContain(CODE);
  });
});

it("strays show no code in their query", async () => {
  const stray = { method: "GET", path: "/webhook/sms", headers: [], size: 0, host: "localhost" };
  const { organizationId } = tenant;
  const id = newId("stray");
  const more = { id, organizationId, query: QUERY, reason: "unknown_sender" };
  await shard.insert(strays).values({ ...stray, ...more, receivedAt: Date.now() });
  const text = await get("/strays");
  expect(text).toContain(id);
  expect(text).not.toContain(CODE);
});

describe("POST /rules/test", () => {
  const match = { sms: { kind: "otp" }, query: { message: { $exist: true } } };
  const ask = (more: object) => call(tenant, "POST", "/rules/test", { match, ...more });

  it("reads a stored event as its source's phone sent it", async () => {
    const query = `message=${CODE}`;
    const [ofPhone, ofOther] = [
      await makeEvent(phone, { query }),
      await makeEvent(other, { query }),
    ];
    const { json } = await ask({ eventId: ofPhone });
    expect(json.matched).toBe(true);
    expect(JSON.stringify(json.trace)).not.toContain(CODE);
    expect((await ask({ eventId: ofOther })).json.matched).toBe(false);
  });

  it("and a made-up one by its `preset`", async () => {
    const event = { method: "POST", path: "/", query: "message=x", body: CODE };
    expect((await ask({ event: { ...event, preset: "phone" } })).json.matched).toBe(true);
    expect((await ask({ event })).json.matched).toBe(false);
    const unknown = await ask({ event: { ...event, preset: "fax" } });
    expect([unknown.status, unknown.text]).toEqual([422, expect.stringContaining("event.preset")]);
  });
});
