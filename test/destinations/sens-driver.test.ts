import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deliver } from "../../src/destinations/deliver.ts";
import type { AttemptInput, Earlier } from "../../src/destinations/driver.ts";
import { SensConfig } from "../../src/destinations/schemas.ts";
import type { SensReceipt } from "../../src/destinations/sens-receipt.ts";
import { eventWith, inputOf, SETTINGS } from "./fixtures.ts";

type Payload = Record<string, unknown> & { messages: { to: string; content?: string }[] };
type Sens = {
  baseUrl: string;
  serviceId: string;
  accessKey: string;
  secretKey: string;
  from: string;
  requests: { requestId: string; payload: Payload }[];
  refusals: { why: string }[];
  calls: { method: string; target: string }[];
  setMode: (mode: string, script?: string[]) => void;
  setListMode: (mode: string) => void;
  close: () => Promise<void>;
};

let sens: Sens;
beforeAll(async () => {
  // Not a literal: the emulator is checked with Node's types, this file with the Workers' ones.
  const emulator = "../emulators/sens.ts";
  const { startSens } = await import(/* @vite-ignore */ emulator);
  sens = await startSens({ burst: 10_000, pageSize: 150 });
});
afterAll(() => sens.close());
beforeEach(() => {
  sens.requests.length = 0;
  sens.refusals.length = 0;
  sens.calls.length = 0;
});
afterEach(() => {
  sens.setMode("ok");
  sens.setListMode("ok");
});

const configWith = (more: Record<string, unknown> = {}) => {
  const { baseUrl, serviceId, accessKey, secretKey, from } = sens;
  const to = ["01012345678"];
  return SensConfig.parse({
    baseUrl,
    serviceId,
    accessKey,
    secretKey,
    from,
    to,
    timeoutMs: 1000,
    ...more,
  });
};
const send = (
  body: string,
  more: Record<string, unknown> = {},
  input: Partial<AttemptInput> = {},
) => deliver("sens_sms", configWith(more), inputOf(eventWith(body), input));
const numbers = (count: number) =>
  Array.from({ length: count }, (_, i) => `0105555${String(i).padStart(4, "0")}`);
const payloads = () => sens.requests.map(({ payload }) => payload);
const receiptOf = (result: { receipt?: unknown }) => result.receipt as SensReceipt;

/** What a second try knows when the first one began a few seconds ago and its end is unknown. */
function inDoubt(receipt: unknown = null, more: Partial<Earlier> = {}): Partial<AttemptInput> {
  const now = Date.now();
  const doubts = [{ number: 1, from: now - 5000, to: now }];
  const rivals = async () => ({ taken: new Set<string>(), isBusy: false });
  return { number: 2, earlier: { receipt, doubts, rivals, ...more } };
}

it("sends the body to every recipient; what it stores has no key", async () => {
  const result = await send("hello", { to: ["010-1234-5678", "+82 10 2222 3333", "01012345678"] });
  expect(result.outcome).toEqual({ ok: true });
  expect(sens.refusals).toEqual([]);
  expect(payloads()).toEqual([
    {
      type: "SMS",
      contentType: "COMM",
      from: sens.from,
      content: "hello",
      messages: [{ to: "01012345678" }, { to: "01022223333" }],
    },
  ]);
  expect(JSON.parse(new TextDecoder().decode(result.requestBody))).toEqual(payloads()[0]);
  expect(result.request?.headers).toEqual(
    expect.arrayContaining([
      ["x-ncp-iam-access-key", "********"],
      ["x-ncp-apigw-signature-v2", "********"],
    ]),
  );
  const kept = JSON.stringify([result.request, result.response, result.receipt]);
  for (const secret of [sens.accessKey, sens.secretKey]) expect(kept).not.toContain(secret);
  expect(receiptOf(result)).toMatchObject({
    status: "pending",
    requestIds: [sens.requests[0]?.requestId],
    messages: [
      { to: "01012345678", status: "pending" },
      { to: "01022223333", status: "pending" },
    ],
  });
  const wait = (result.receiptDueAt ?? 0) - Date.now();
  expect(wait).toBeGreaterThan(10_000);
});

describe("what is sent", () => {
  const content = () => payloads()[0]?.content as string;

  it.each([
    ["90 bytes", "가".repeat(45), "auto", "SMS", /^가{45}$/],
    ["91 bytes", `${"가".repeat(45)}a`, "auto", "LMS", /^가{45}a$/],
    ["a short text", "short", "LMS", "LMS", /^short$/],
    ["a long text, cut", "가".repeat(60), "SMS", "SMS", /^가{44}…$/],
    ["2,001 bytes, cut", "가".repeat(1001), "auto", "LMS", /^가{999}…$/],
    ["pairs, cut whole", "🪝".repeat(100), "SMS", "SMS", /^\?{88}…$/],
  ])("%s: %#", async (_, text, type, expected, pattern) => {
    expect((await send(text, { type })).outcome).toEqual({ ok: true });
    expect([payloads()[0]?.type, sens.refusals]).toEqual([expected, []]);
    expect(content()).toMatch(pattern);
  });

  it("has nothing in it that has no code", async () => {
    await send("a — b – c • d 🪝 é ₩1,000 \u200b©\u00a0[한]\r\n한".normalize("NFD"));
    expect([content(), sens.refusals]).toEqual(["a - b - c · d ? e ￦1,000 (c) [한]\n한", []]);
  });

  it("has no control characters but line breaks", async () => {
    await send(
      "whatever",
      {},
      {
        output: { kind: "text", contentType: "text/plain", text: "a\u0000b\u0007\r\nc\rd\u009be" },
      },
    );
    expect(content()).toBe("ab\nc\nde");
  });

  it("is the subject's too, for an LMS alone", async () => {
    const subject = "알림 — 로그인";
    await send("가".repeat(60), { subject });
    await send("short", { subject });
    expect(payloads().map((payload) => payload.subject)).toEqual(["알림 - 로그인", undefined]);
  });

  it("is a transform's text", async () => {
    const output = { kind: "text", contentType: "text/plain", text: "12,000원 승인" } as const;
    await send("whatever", {}, { output });
    expect(content()).toBe("12,000원 승인");
  });

  it("is a transform's payload, what it leaves out filled in", async () => {
    const json = {
      content: "기본",
      messages: [{ to: "010-9999-0000", content: "따로" }, { to: "01099990001" }],
    };
    const output = { kind: "json", contentType: "application/json", json } as const;
    expect((await send("whatever", {}, { output })).outcome).toEqual({ ok: true });
    expect(payloads()).toEqual([
      {
        type: "SMS",
        contentType: "COMM",
        from: sens.from,
        content: "기본",
        messages: [{ to: "01099990000", content: "따로" }, { to: "01099990001" }],
      },
    ]);
    const long = { ...json, content: "가".repeat(46), subject: "제목", contentType: "AD" };
    await send("whatever", {}, { output: { ...output, json: long } });
    expect(payloads()[1]).toMatchObject({ type: "LMS", subject: "제목", contentType: "AD" });
    expect(sens.refusals).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ["no object", ["x"], /no JSON object/],
    ["an unknown field", { content: "x", silent: true }, /silent: is no field/],
    ["91 bytes as SMS", { type: "SMS", content: "a".repeat(91) }, /has 91 bytes.*leave `type` out/],
    ["91 bytes abroad", { countryCode: "1", content: "a".repeat(91) }, /abroad takes SMS/],
    ["2,001 bytes", { content: "a".repeat(2001) }, /LMS takes 2000/],
    ["a subject of an SMS", { type: "SMS", content: "x", subject: "y" }, /an SMS has none/],
    ["a long subject", { content: "x", subject: "a".repeat(41) }, /40 bytes/],
    ["no text", { content: "" }, /there is no text/],
    ["a number of text", { content: "x", messages: [{ to: "call me" }] }, /recipient 1/],
    [
      "a number that is none",
      { content: "x", messages: [{ to: 1012345678 }] },
      /messages\[0\]\.to/,
    ],
    ["messages that are none", { content: "x", messages: "01012345678" }, /messages: is no list/],
    [
      "a stranger in a message",
      { content: "x", messages: [{ to: "01012345678", a: "b" }] },
      /\.a: /,
    ],
    [
      "two texts for one",
      {
        messages: [
          { to: "01012345678", content: "a" },
          { to: "01012345678", content: "b" },
        ],
      },
      /twice/,
    ],
    ["an odd type", { type: "FAX", content: "x" }, /use SMS, LMS or MMS/],
    ["an odd sender", { from: "me", content: "x" }, /from/],
    [
      "too many",
      { content: "x", messages: numbers(1001).map((to) => ({ to })) },
      /1001 recipients/,
    ],
    ["odd files", { content: "x", files: ["a"] }, /files/],
    ["an odd time", { content: "x", reserveTime: "tomorrow" }, /reserveTime/],
  ])("is nothing when the payload has %s", async (_, json, problem) => {
    const output = { kind: "json", contentType: "application/json", json } as const;
    const result = await send("whatever", {}, { output });
    expect(result.outcome).toEqual({ ok: false, retry: false, reason: "invalid_payload" });
    expect(receiptOf(result).problem).toMatch(problem);
    expect(sens.calls).toEqual([]);
  });

  it("is nothing without a recipient, and says so", async () => {
    const result = await send("hello", { to: [] });
    expect(result.outcome).toEqual({ ok: false, retry: false, reason: "no_recipient" });
    expect(receiptOf(result).problem).toMatch(/no recipient/);
    expect(sens.calls).toEqual([]);
  });
});

describe("a form of SENS v1", () => {
  const source = { slug: "v1", name: "v1", preset: "sens_v1" } as const;
  const form = (json: unknown, more: Record<string, unknown> = {}) =>
    deliver(
      "sens_sms",
      configWith(more),
      inputOf(eventWith(JSON.stringify(json), { source, contentType: "application/json" })),
    );

  it("gives recipients and text; the sender is the destination's", async () => {
    const to = ["010-1111-2222", "01033334444"];
    const json = { type: "SMS", from: "01000000000", to, subject: "", content: "hello world" };
    expect((await form(json)).outcome).toEqual({ ok: true });
    expect(payloads()).toEqual([
      {
        type: "SMS",
        contentType: "COMM",
        from: sens.from,
        content: "hello world",
        messages: [{ to: "01011112222" }, { to: "01033334444" }],
      },
    ]);
  });

  it("goes abroad when it says so, as an SMS: nobody in Korea has that number's digits", async () => {
    const text = "a".repeat(91);
    await form({ content: text, to: ["12025550123"], countryCode: "1" }, { type: "LMS" });
    expect(sens.refusals).toEqual([]);
    expect(payloads()).toEqual([
      {
        type: "SMS",
        contentType: "COMM",
        countryCode: "1",
        from: sens.from,
        content: `${text.slice(0, 88)}…`,
        messages: [{ to: "12025550123" }],
      },
    ]);
  });

  it("goes to the destination's recipients when it names none", async () => {
    await form({ content: "x", contentType: "ad" });
    expect(payloads()[0]).toMatchObject({ contentType: "AD", messages: [{ to: "01012345678" }] });
  });

  it.each([
    {},
    { content: 5 },
    { content: "x", to: "01012345678" },
    { content: "x", subject: 5 },
    { content: "x", contentType: "SPAM" },
    { content: "x", countryCode: "KR" },
    { content: "x", to: ["?"] },
    [],
  ])("that is %j is not sent", async (json) => {
    expect((await form(json)).outcome).toMatchObject({ retry: false, reason: "invalid_payload" });
    expect(sens.calls).toEqual([]);
  });
});

describe("more than 100 recipients", () => {
  it("go in calls of 100, one after the other", async () => {
    const to = numbers(250);
    const result = await send("hello", { to });
    expect(result.outcome).toEqual({ ok: true });
    expect(payloads().map(({ messages }) => messages.length)).toEqual([100, 100, 50]);
    expect(payloads().flatMap(({ messages }) => messages.map((one) => one.to))).toEqual(to);
    expect(receiptOf(result).requestIds).toEqual(sens.requests.map(({ requestId }) => requestId));
  });

  it.each([
    ["rate_limited", { retry: true, reason: "rate_limited", effect: "pause", uncounted: true }],
    ["down", { retry: true, reason: "http_status" }],
  ])("whose second call is %s: the next try sends to the rest alone", async (mode, outcome) => {
    const to = numbers(150);
    sens.setMode("ok", ["ok", mode]);
    const first = await send("hello", { to });
    expect(first.outcome).toMatchObject({ ok: false, ...outcome });
    expect(receiptOf(first).messages).toHaveLength(100);
    const earlier = {
      receipt: first.receipt,
      doubts: [],
      rivals: inDoubt().earlier?.rivals as never,
    };
    const second = await send("hello", { to }, { number: 2, earlier });
    expect(second.outcome).toEqual({ ok: true });
    expect(payloads().map(({ messages }) => messages.length)).toEqual([100, 50]);
    expect(payloads()[1]?.messages.map((one) => one.to)).toEqual(to.slice(100));
    expect(sens.calls.filter(({ method }) => method === "GET")).toEqual([]);
    expect(receiptOf(second).messages).toHaveLength(150);
  });
});

describe("what SENS's answer means", () => {
  const disabled = { ok: false, retry: false, reason: "rejected", effect: "disable" };

  it.each([
    ["down", { ok: false, retry: true, reason: "http_status" }],
    ["rate_limited", { retry: true, reason: "rate_limited", retryAfterMs: 5000, effect: "pause" }],
    ["quota", { retry: true, reason: "rate_limited", retryAfterMs: 60_000, effect: "pause" }],
    ["forbidden", disabled],
    ["not_sens", { ok: false, retry: false, reason: "rejected" }],
    ["failed", { ok: false, retry: false, reason: "rejected" }],
    ["cut_before", { retry: true, reason: "connection_failed", retryAfterMs: 10_000 }],
    ["hang_after", { retry: true, reason: "timeout", retryAfterMs: 10_000 }],
    ["error_after", { retry: true, reason: "http_status", retryAfterMs: 10_000 }],
  ])("%s", async (mode, outcome) => {
    sens.setMode(mode);
    expect((await send("x")).outcome).toMatchObject(outcome);
  });

  it("wrong keys and an unknown service disable the destination, an unregistered sender does not", async () => {
    const wrong = { secretKey: "another-secret-key-of-some-length" };
    expect(await send("x", wrong)).toMatchObject({ outcome: disabled, response: { status: 401 } });
    const other = { serviceId: "ncp:sms:kr:123456789012:other" };
    expect(await send("x", other)).toMatchObject({ outcome: disabled, response: { status: 404 } });
    const { outcome } = await send("x", { from: "0215889999" });
    expect(outcome).toEqual({ ok: false, retry: false, reason: "rejected" });
  });

  it("is not waited for where nothing may be called", async () => {
    const settings = { ...SETTINGS, allowLoopback: false };
    const { outcome } = await send("x", {}, { settings });
    expect(outcome).toEqual({ ok: false, retry: false, reason: "blocked_url" });
    expect(sens.calls).toEqual([]);
  });
});

describe("a try whose end is unknown", () => {
  it.each(["hang_after", "cut_after", "error_after"])(
    "after %s: the next one finds the message and sends none",
    async (mode) => {
      sens.setMode("ok", [mode]);
      const first = await send("[중요] 장애");
      expect(first.outcome.ok).toBe(false);
      const second = await send("[중요] 장애", {}, inDoubt(first.receipt));
      expect(second.outcome).toEqual({ ok: true });
      expect(sens.requests).toHaveLength(1);
      expect(second.request?.method).toBe("GET");
      expect(receiptOf(second)).toMatchObject({
        status: "pending",
        requestIds: [sens.requests[0]?.requestId],
        settled: 1,
      });
    },
  );

  it.each(["hang_before", "cut_before"])(
    "after %s: the next one finds nothing and sends",
    async (mode) => {
      sens.setMode("ok", [mode]);
      const first = await send("hello");
      const second = await send("hello", {}, inDoubt(first.receipt));
      expect(second.outcome).toEqual({ ok: true });
      expect([sens.requests.length, sens.calls.map(({ method }) => method)]).toEqual([
        1,
        ["POST", "GET", "POST"],
      ]);
    },
  );

  it("is looked for in a list that is not kept: what else the account has sent is in no attempt", async () => {
    await send("your code is 482917", { to: ["01099998888"] });
    await send("hello");
    const { request, response, responseBody } = await send("hello", {}, inDoubt());
    expect(request?.method).toBe("GET");
    expect([response?.status, response?.truncated, responseBody]).toEqual([200, true, undefined]);
    sens.setListMode("down");
    const refused = await send("hello", {}, inDoubt());
    expect(new TextDecoder().decode(refused.responseBody)).toContain("Endpoint Error");
  });

  it("in a killed process left no receipt: only whom it did not reach is sent to", async () => {
    const to = numbers(250);
    await send("hello", { to: to.slice(0, 200) });
    const result = await send("hello", { to }, inDoubt());
    expect(result.outcome).toEqual({ ok: true });
    expect(payloads().map(({ messages }) => messages.length)).toEqual([100, 100, 50]);
    expect(receiptOf(result).requestIds).toHaveLength(3);
    expect(receiptOf(result).messages).toHaveLength(250);
  });

  it.each([
    ["another text", "other", {}],
    ["another recipient", "hello", { to: ["01099998888"] }],
  ])("is not taken for a message with %s", async (_, text, more) => {
    await send(text, more);
    await send("hello", {}, inDoubt());
    expect(sens.requests).toHaveLength(2);
  });

  it("is found by the text that it had, when a transform makes another one now", async () => {
    const first = await send("made at 09:00");
    const { requestBody } = first;
    const now = Date.now();
    const doubts = [{ number: 1, from: now - 5000, to: now, requestBody }];
    const second = await send("made at 09:01", {}, inDoubt(null, { doubts }));
    expect([second.outcome, sens.requests.length]).toEqual([{ ok: true }, 1]);
  });

  it("is no other delivery's with the same text", async () => {
    await send("hello");
    const taken = new Set([sens.requests[0]?.requestId ?? ""]);
    const rivals = async () => ({ taken, isBusy: false });
    const result = await send("hello", {}, inDoubt(null, { rivals }));
    expect(sens.requests).toHaveLength(2);
    expect(receiptOf(result).requestIds).toEqual([sens.requests[1]?.requestId]);
  });

  it("waits while another delivery's may be the one that is found", async () => {
    await send("hello");
    const rivals = async () => ({ taken: new Set<string>(), isBusy: true });
    const { outcome } = await send("hello", {}, inDoubt(null, { rivals }));
    expect(outcome).toEqual({
      ok: false,
      retry: true,
      reason: "unresolved",
      retryAfterMs: 10_000,
      uncounted: true,
    });
    expect(sens.requests).toHaveLength(1);
  });

  it.each(["down", "hang"])("sends nothing while the list is %s", async (mode) => {
    sens.setListMode(mode);
    const { outcome, receipt } = await send("hello", {}, inDoubt());
    expect(outcome).toMatchObject({ ok: false, retry: true, reason: "unresolved" });
    expect(sens.requests).toEqual([]);
    sens.setListMode("ok");
    expect((await send("hello", {}, inDoubt(receipt))).outcome).toEqual({ ok: true });
    expect(sens.requests).toHaveLength(1);
  });

  it("with keys that are refused disables the destination and sends nothing", async () => {
    const wrong = { secretKey: "another-secret-key-of-some-length" };
    const { outcome } = await send("hello", wrong, inDoubt());
    expect(outcome).toEqual({ ok: false, retry: false, reason: "rejected", effect: "disable" });
    expect(sens.calls.map(({ method }) => method)).toEqual(["GET"]);
  });

  it("that is settled is not asked after again", async () => {
    sens.setMode("ok", ["hang_before", "down"]);
    await send("hello");
    const second = await send("hello", {}, inDoubt());
    expect(second.outcome).toMatchObject({ reason: "http_status" });
    sens.calls.length = 0;
    const third = await send("hello", {}, { ...inDoubt(second.receipt), number: 3 });
    expect([third.outcome, sens.calls.map(({ method }) => method)]).toEqual([
      { ok: true },
      ["POST"],
    ]);
  });
});

describe("a try by hand after everything was taken", () => {
  const known = (receipt: unknown) => ({
    number: 2,
    earlier: { receipt, doubts: [], rivals: inDoubt().earlier?.rivals as never },
  });
  const to = ["01011111111", "01022222222"];

  it("sends nothing twice", async () => {
    const first = await send("hello", { to });
    const { outcome } = await send("hello", { to }, known(first.receipt));
    expect([outcome, sens.requests.length]).toEqual([{ ok: true }, 1]);
  });

  it("sends to the phones that it did not reach", async () => {
    const first = receiptOf(await send("hello", { to }));
    const [one, two] = first.messages;
    const receipt = {
      ...first,
      status: "partly_delivered",
      messages: [
        { ...one, status: "delivered" },
        { ...two, status: "failed", statusCode: "3018" },
      ],
    };
    const again = await send("hello", { to }, known(receipt));
    expect(payloads()[1]?.messages).toEqual([{ to: "01022222222" }]);
    expect(receiptOf(again)).toMatchObject({
      status: "pending",
      requestIds: sens.requests.map(({ requestId }) => requestId),
      messages: [{ status: "delivered" }, { to: "01022222222", status: "pending" }],
    });
  });
});
