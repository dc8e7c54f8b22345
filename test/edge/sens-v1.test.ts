import { beforeAll, describe, expect, it } from "vitest";
import {
  count,
  edgeEnv,
  everythingKept,
  makeSender,
  makeSource,
  send,
  storedEvent,
} from "./support.ts";

const PATH = "/v1/sms/services/ncp:sms:kr:123456789012:legacy/messages";
const PAIR = { "X-NCP-auth-key": "legacy-auth-key", "X-NCP-service-secret": "legacy-secret" };
const verification = {
  preset: "sens_v1" as const,
  secrets: ["rotated-secret", PAIR["X-NCP-service-secret"]],
  authKey: PAIR["X-NCP-auth-key"],
};
const MESSAGE = {
  type: "SMS",
  contentType: "COMM",
  countryCode: "82",
  from: "01000000000",
  to: ["01011112222"],
  subject: "",
  content: "hello world 감지",
};

beforeAll(async () => {
  await makeSource("sens", { preset: "sens_v1", verification });
});

function post(body: unknown = MESSAGE, headers: Record<string, string> = PAIR, path = PATH) {
  return send(`http://sens.localhost${path}`, {
    method: "POST",
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function lastStray() {
  return edgeEnv.EVENTS_0.prepare("SELECT * FROM strays ORDER BY id DESC LIMIT 1").first<{
    reason: string;
    headers: string;
  }>();
}

async function errorOf(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  const { error } = (await response.json()) as { error: Record<string, string> };
  return { status: response.status, ...error };
}

describe("a message with the source's pair is accepted as SENS does", () => {
  it.each([
    ["as the legacy script sends it", MESSAGE, PATH],
    ["with a slash at the end", MESSAGE, `${PATH}/`],
    [
      "with as little as v1 needs",
      { type: "sms", from: "021234567", to: ["15881234"], content: "x" },
      PATH,
    ],
    ["with hyphens", { ...MESSAGE, from: "02-123-4567", to: ["010-1111-2222"] }, PATH],
    ["to 100 people", { ...MESSAGE, to: Array(100).fill("01011112222") }, PATH],
    ["of 2,000 bytes in CP949", { ...MESSAGE, type: "LMS", content: "가".repeat(1000) }, PATH],
  ])("%s", async (_, message, path) => {
    const response = await post(message, PAIR, path);
    expect(response.status).toBe(202);
    const event = await storedEvent(response);
    expect(await response.json()).toEqual({
      requestId: event.id,
      requestTime: expect.stringMatching(/^\d{4}-.*Z$/),
      statusCode: "202",
      statusName: "success",
      messages: [{ messageId: event.id }],
    });
    expect(
      JSON.parse(new TextDecoder().decode(new Uint8Array(event.body ?? new ArrayBuffer(0)))),
    ).toEqual(message);
    expect(event).toMatchObject({ path, status: "stored", sender_by: "signature" });
    expect(event.headers).not.toMatch(/ncp-(auth|service)|legacy-/);
  });

  it("with any of its secrets, and header names in any case", async () => {
    const headers = {
      "x-ncp-AUTH-key": "legacy-auth-key",
      "x-NCP-Service-Secret": "rotated-secret",
    };
    expect((await post(MESSAGE, headers)).status).toBe(202);
  });

  it("and a registered server is known by its address", async () => {
    const id = await makeSource("sens-known", { preset: "sens_v1", verification });
    const match = { ips: ["198.51.100.7"] };
    const senderId = await makeSender(id, "bts_unused", { name: "log-watcher", match });
    const response = await send(`http://sens-known.localhost${PATH}`, {
      method: "POST",
      headers: { ...PAIR, "cf-connecting-ip": "198.51.100.7" },
      body: JSON.stringify(MESSAGE),
    });
    expect(await storedEvent(response)).toMatchObject({
      sender_id: senderId,
      sender_name: "log-watcher",
    });
  });
});

describe("any other pair is 401 in the gateway's form, and a stray without the pair", () => {
  const [key, secret] = Object.values(PAIR);

  it.each([
    ["a wrong key", { "x-ncp-auth-key": "legacy-auth-kex", "x-ncp-service-secret": secret }],
    ["a wrong secret", { "x-ncp-auth-key": key, "x-ncp-service-secret": "legacy-secreT" }],
    ["the two exchanged", { "x-ncp-auth-key": secret, "x-ncp-service-secret": key }],
    ["the secret alone", { "x-ncp-service-secret": secret }],
    ["the key alone", { "x-ncp-auth-key": key }],
    ["none", {}],
  ])("%s", async (_, headers) => {
    const events = await count("events");
    const response = await post(MESSAGE, headers as Record<string, string>);
    expect(await errorOf(response)).toEqual({
      status: 401,
      errorCode: "200",
      message: "Authentication Failed",
      details: expect.stringContaining("not verified as `sens_v1`"),
    });
    expect(await count("events")).toBe(events);
    const stray = await lastStray();
    expect(stray?.reason).toBe("verification_failed");
    expect(stray?.headers).not.toMatch(/ncp-(auth|service)|legacy-/);
  });

  it("as is everything at a source whose pair is missing", async () => {
    await makeSource("sens-bare", { preset: "sens_v1" });
    const init = { method: "POST", headers: PAIR, body: JSON.stringify(MESSAGE) };
    const response = await send(`http://sens-bare.localhost${PATH}`, init);
    expect(await errorOf(response)).toMatchObject({ status: 401, errorCode: "200" });
    expect(await count("events", "source_id = 'src_sens-bare'")).toBe(0);
  });

  it("and a blocked server's call", async () => {
    const id = await makeSource("sens-blocked", { preset: "sens_v1", verification });
    await makeSender(id, "bts_unused-2", { match: { userAgent: "axios" }, state: "blocked" });
    const response = await send(`http://sens-blocked.localhost${PATH}`, {
      method: "POST",
      headers: { ...PAIR, "user-agent": "axios/0.18.0" },
      body: JSON.stringify(MESSAGE),
    });
    expect(await errorOf(response)).toMatchObject({
      status: 401,
      message: "Authentication Failed",
    });
  });
});

describe("a body that SENS would not take is 400, names the field, and is kept as a stray", () => {
  const { type: _, ...untyped } = MESSAGE;

  it.each([
    ["no JSON", "hello", "JSON"],
    ["a list", "[]", "JSON"],
    ["nothing", "", "JSON"],
    ["no type", untyped, "type:"],
    ["an unknown type", { ...MESSAGE, type: "FAX" }, "type:"],
    ["an unknown content type", { ...MESSAGE, contentType: "SPAM" }, "contentType:"],
    ["a country by name", { ...MESSAGE, countryCode: "KR" }, "countryCode:"],
    ["a country of four digits", { ...MESSAGE, countryCode: "1234" }, "countryCode:"],
    ["no sender", { ...MESSAGE, from: undefined }, "from:"],
    ["a sender by name", { ...MESSAGE, from: "Baton" }, "from:"],
    ["one recipient outside a list", { ...MESSAGE, to: "01011112222" }, "to:"],
    ["no recipient", { ...MESSAGE, to: [] }, "to:"],
    ["101 recipients", { ...MESSAGE, to: Array(101).fill("01011112222") }, "to:"],
    ["a recipient that is a number", { ...MESSAGE, to: [1_011_112_222] }, "to:"],
    ["a recipient that nobody has", { ...MESSAGE, to: ["01011112222", "0101111"] }, "to:"],
    ["v2's form", { ...MESSAGE, to: undefined, messages: [{ to: "01011112222" }] }, "to:"],
    ["a long subject", { ...MESSAGE, subject: "가".repeat(21) }, "subject:"],
    ["no content", { ...MESSAGE, content: undefined }, "content:"],
    ["empty content", { ...MESSAGE, content: "" }, "content:"],
    ["blank content", { ...MESSAGE, content: " \n" }, "content:"],
    ["2,001 bytes", { ...MESSAGE, content: `${"가".repeat(1000)}a` }, "content:"],
    ["a time to send at", { ...MESSAGE, reserveTime: "2026-12-01 09:00" }, "reserveTime:"],
    ["pictures", { ...MESSAGE, files: [{ fileId: "1" }] }, "files:"],
  ])("%s", async (_name, body, field) => {
    const events = await count("events");
    expect(await errorOf(await post(body))).toEqual({
      status: 400,
      errorCode: "100",
      message: "Bad Request Exception",
      details: expect.stringContaining(field),
    });
    expect(await count("events")).toBe(events);
    expect((await lastStray())?.reason).toBe("invalid_payload");
  });

  it("over 256 KiB: 413", async () => {
    const response = await post({ ...MESSAGE, content: "x".repeat(256 * 1024) });
    expect(await errorOf(response)).toMatchObject({ status: 413, errorCode: "430" });
  });
});

it.each([
  ["GET", PATH],
  ["POST", "/"],
  ["POST", "/v1/sms/services/messages"],
  ["POST", `${PATH}/0-ESA-202601-000001-0`],
  ["POST", "/sms/v2/services/x/messages"],
])("%s %s: 404 in the gateway's form", async (method, path) => {
  const response = await send(`http://sens.localhost${path}`, { method, headers: PAIR });
  expect(await errorOf(response)).toMatchObject({
    status: 404,
    errorCode: "300",
    details: expect.stringContaining("/v1/sms/services/{serviceId}/messages"),
  });
  const stray = await lastStray();
  expect(stray?.reason).toBe("unexpected_request");
  expect(stray?.headers).not.toMatch(/ncp-(auth|service)|legacy-/);
});

it("no row has the pair, whatever became of the request", async () => {
  const kept = await everythingKept();
  expect(kept).toContain("verification_failed");
  for (const secret of Object.values(PAIR)) expect(kept).not.toContain(secret);
});
