import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SENS, startSens } from "./sens.ts";

const PATH = `/sms/v2/services/${SENS.serviceId}/messages`;
const AT = 1767225600000;
const PAYLOAD = {
  type: "SMS",
  from: SENS.from,
  content: "안녕",
  messages: [{ to: "01012345678" }],
};

let sens: Awaited<ReturnType<typeof startSens>>;
let now = AT;
beforeAll(async () => {
  sens = await startSens({ burst: 1000, now: () => now });
});
afterAll(() => sens.close());
beforeEach(() => {
  sens.requests.length = 0;
  now = AT;
});

function sign(
  method: string,
  path: string,
  timestamp: number | string = now,
  keys: typeof SENS = SENS,
) {
  const text = `${method} ${path}\n${timestamp}\n${keys.accessKey}`;
  return createHmac("sha256", keys.secretKey).update(text).digest("base64");
}

async function call(
  method: string,
  path: string,
  payload?: unknown,
  headers: Record<string, string | undefined> = {},
  to = sens,
) {
  const all = {
    ...(payload === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
    "x-ncp-apigw-timestamp": String(now),
    "x-ncp-iam-access-key": SENS.accessKey,
    "x-ncp-apigw-signature-v2": sign(method, path),
    ...headers,
  };
  const response = await fetch(`${to.baseUrl}${path}`, {
    method,
    headers: Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined),
    ...(payload === undefined
      ? {}
      : { body: typeof payload === "string" ? payload : JSON.stringify(payload) }),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : text };
}

const send = (payload: unknown, headers = {}, to = sens) =>
  call("POST", PATH, payload, headers, to);
const gateway = (status: number, code: number) => ({
  status,
  body: {
    error: {
      errorCode: String(code),
      message: expect.any(String),
      details: expect.any(String),
    },
  },
});
const times = <T>(n: number, make: (i: number) => T) =>
  Array.from({ length: n }, (_, i) => make(i));

it("takes a message with the documentation's signature, and lists it in all three ways", async () => {
  const signed = { "x-ncp-apigw-signature-v2": "UvrA6ralapf+Haj+tQ0cOxdEzfbvcddbFZauFfz+qfY=" };
  const taken = await send(PAYLOAD, signed);
  expect(taken).toMatchObject({
    status: 202,
    body: { requestId: expect.any(String), statusCode: "202", statusName: "success" },
  });
  const { requestId } = taken.body;
  const byId = await call("GET", `${PATH}?requestId=${requestId}`);
  expect(byId.body.messages).toMatchObject([
    { requestId, to: "01012345678", from: SENS.from, content: "안녕", status: "READY" },
  ]);
  const window = (first: string, last: string) =>
    call(
      "GET",
      `${PATH}?requestStartTime=${encodeURIComponent(first)}&requestEndTime=${encodeURIComponent(last)}`,
    );
  const found = await window("2026-01-01 08:59:00", "2026-01-01 09:01:00");
  expect(found.body.messages).toEqual(byId.body.messages);
  expect((await window("2026-01-01 10:00:00", "2026-01-01 11:00:00")).body.messages).toEqual([]);
  const one = await call("GET", `${PATH}/${byId.body.messages[0].messageId}`);
  expect(one.body.messages).toEqual(byId.body.messages);
  expect((await window("2026-01-01 08:59", "2026-01-01 09:01")).status).toBe(400);
  expect((await window("2025-11-01 00:00:00", "2026-01-01 09:01:00")).status).toBe(400);
  expect((await call("GET", PATH)).status).toBe(400);
});

describe("the signature", () => {
  it.each([
    ["a line break at its end", "eZMP9hUC8vo4+ozg8RKy8GgVzOyY5sMKrjgAffuVKxo="],
    ["the whole URL", "yhI/10FEDvEaww/b5Unk2xmqkPE0izu17jC3532KdRM="],
    ["colons as %3A", "MopviL+mcDFFgUQnAOPszIryUtxHaQRbs2DrFYTI7ug="],
    ["CRLF", "hurP3WIDFPv8jY1UHlVRhu0yPMOrkCoI1sdvGT5U0+A="],
    ["seconds", "Dh45cjTTnVywILhiwncJGU/G/orLGUE2ga4cM/YZ5Bc="],
    ["hex", "52fac0eab6a56a97fe1da8feb50d1c3b1744cdf6ef71d75b1596ae15fcfea9f6"],
    ["nothing", ""],
  ])("with %s is refused", async (_, signature) => {
    const answer = await send(PAYLOAD, { "x-ncp-apigw-signature-v2": signature });
    expect(answer).toEqual(gateway(401, 200));
    expect(sens.requests).toEqual([]);
  });

  it.each([
    ["no timestamp", { "x-ncp-apigw-timestamp": undefined }],
    ["seconds", { "x-ncp-apigw-timestamp": "1767225600" }],
    ["another key", { "x-ncp-iam-access-key": "NCPAKEXAMPLE00000002" }],
  ])("with %s is refused", async (_, headers) => {
    expect(await send(PAYLOAD, headers)).toEqual(gateway(401, 200));
  });

  it.each([-300_001, 300_001])("from a clock %d ms off is refused", async (skew) => {
    const timestamp = String(AT + skew);
    const headers = {
      "x-ncp-apigw-timestamp": timestamp,
      "x-ncp-apigw-signature-v2": sign("POST", PATH, timestamp),
    };
    expect(await send(PAYLOAD, headers)).toEqual(gateway(401, 200));
  });

  it("from a clock 5 minutes off is taken", async () => {
    const timestamp = String(AT - 300_000);
    const headers = {
      "x-ncp-apigw-timestamp": timestamp,
      "x-ncp-apigw-signature-v2": sign("POST", PATH, timestamp),
    };
    expect((await send(PAYLOAD, headers)).status).toBe(202);
  });

  it("is over the raw target: %3A on the wire has a signature of its own", async () => {
    const encoded = PATH.replaceAll(":", "%3A");
    expect(
      await call("POST", encoded, PAYLOAD, { "x-ncp-apigw-signature-v2": sign("POST", PATH) }),
    ).toEqual(gateway(401, 200));
  });
});

it("knows one service", async () => {
  const path = PATH.replace("relaytest", "other");
  expect(await call("POST", path, PAYLOAD)).toEqual(gateway(404, 300));
});

describe("a payload", () => {
  it.each<[string, Record<string, unknown>]>([
    ["an unregistered sender", { from: "0215889999" }],
    ["a sender with hyphens", { from: "02-1588-1234" }],
    [
      "101 recipients",
      { messages: times(101, (i) => ({ to: `0101234${String(i).padStart(4, "0")}` })) },
    ],
    ["no recipient", { messages: [] }],
    ["a recipient with hyphens", { messages: [{ to: "010-1234-5678" }] }],
    ["a recipient that is a number", { messages: [{ to: 1012345678 }] }],
    ["91 bytes as SMS", { content: `${"가".repeat(45)}a` }],
    ["91 bytes of one recipient", { messages: [{ to: "01012345678", content: "a".repeat(91) }] }],
    ["2,001 bytes as LMS", { type: "LMS", content: "a".repeat(2001) }],
    ["a subject of 41 bytes", { type: "LMS", subject: "a".repeat(41) }],
    ["a subject of an SMS", { subject: "x" }],
    ["an LMS abroad", { type: "LMS", countryCode: "1" }],
    ["an emoji", { content: "🪝" }],
    ["an em dash", { content: "a — b" }],
    ["an unknown type", { type: "KAKAO" }],
    ["an unknown contentType", { contentType: "SPAM" }],
    ["no content", { content: undefined }],
  ])("with %s is refused", async (_, more) => {
    expect((await send({ ...PAYLOAD, ...more })).status).toBe(400);
    expect(sens.requests).toEqual([]);
  });

  it.each<[string, Record<string, unknown>]>([
    ["90 bytes", { content: "가".repeat(45) }],
    ["syllables beyond KS X 1001", { content: "뷁똠".repeat(22) }],
    [
      "an LMS of 2,000 bytes with a subject",
      { type: "LMS", content: "가".repeat(1000), subject: "제목" },
    ],
    [
      "100 recipients",
      { messages: times(100, (i) => ({ to: `0101234${String(i).padStart(4, "0")}` })) },
    ],
    ["a type in lower case", { type: "sms" }],
  ])("with %s is taken", async (_, more) => {
    expect((await send({ ...PAYLOAD, ...more })).status).toBe(202);
  });

  it.each(["{", "[]", "null"])("that is %s is refused", async (body) => {
    expect((await send(body)).status).toBe(400);
  });

  it("is JSON by its content type", async () => {
    expect((await send(PAYLOAD, { "content-type": "text/plain" })).status).toBe(400);
  });
});

it("moves messages on, and tells what became of them", async () => {
  const { body } = await send({
    ...PAYLOAD,
    messages: [{ to: "01011111111" }, { to: "01022222222" }],
  });
  const list = async () =>
    (await call("GET", `${PATH}?requestId=${body.requestId}`)).body.messages.map(
      (message: Record<string, unknown>) => [message.status, message.statusName],
    );
  sens.advance();
  expect(await list()).toEqual([
    ["PROCESSING", undefined],
    ["PROCESSING", undefined],
  ]);
  sens.advance({
    "01022222222": {
      status: "COMPLETED",
      statusCode: "3018",
      statusName: "fail",
      statusMessage: "결번",
    },
  });
  expect(await list()).toEqual([
    ["COMPLETED", "success"],
    ["COMPLETED", "fail"],
  ]);
});

it("gives a long list in pages", async () => {
  const paged = await startSens({ pageSize: 2, now: () => now });
  const messages = times(5, (i) => ({ to: `0101234000${i}` }));
  const { body } = await send({ ...PAYLOAD, messages }, {}, paged);
  const seen: string[] = [];
  for (let token = ""; ; ) {
    const page = await call(
      "GET",
      `${PATH}?requestId=${body.requestId}${token}`,
      undefined,
      {},
      paged,
    );
    seen.push(...page.body.messages.map(({ to }: { to: string }) => to));
    if (!page.body.nextToken) break;
    token = `&nextToken=${page.body.nextToken}`;
  }
  expect(seen).toEqual(messages.map(({ to }) => to));
  await paged.close();
});

it("over the rate answers 429 in the gateway's form", async () => {
  const strict = await startSens({ burst: 2, now: () => now });
  const statuses: number[] = [];
  for (let i = 0; i < 2; i++) statuses.push((await send(PAYLOAD, {}, strict)).status);
  expect(statuses).toEqual([202, 202]);
  expect(await send(PAYLOAD, {}, strict)).toEqual(gateway(429, 420));
  now += 1000;
  expect((await send(PAYLOAD, {}, strict)).status).toBe(202);
  await strict.close();
});

it.each([
  ["down", 503, 0],
  ["rate_limited", 429, 0],
  ["quota", 429, 0],
  ["forbidden", 401, 0],
  ["not_sens", 200, 0],
  ["failed", 202, 0],
  ["error_after", 504, 1],
] as const)("in mode %s answers %d and has taken %d", async (mode, status, count) => {
  sens.setMode(mode);
  expect((await send(PAYLOAD)).status).toBe(status);
  expect(sens.requests).toHaveLength(count);
  sens.setMode("ok");
});

it.each([
  ["cut_before", 0],
  ["cut_after", 1],
] as const)("in mode %s breaks the connection and has taken %d", async (mode, count) => {
  sens.setMode("ok", [mode]);
  await expect(send(PAYLOAD)).rejects.toThrow();
  expect(sens.requests).toHaveLength(count);
  expect((await send(PAYLOAD)).status).toBe(202);
});
