import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startDiscord } from "./discord.ts";

let discord: Awaited<ReturnType<typeof startDiscord>>;
beforeAll(async () => {
  discord = await startDiscord({ burst: 1000 });
});
afterAll(() => discord.close());
beforeEach(() => {
  for (const list of [discord.messages, discord.refusals, discord.pings]) list.length = 0;
});
afterEach(() => discord.setMode("ok"));

type Body = { code?: number; message?: string; retry_after?: number; errors?: object; id?: string };

async function post(payload: unknown, init: RequestInit & { url?: string } = {}) {
  const response = await fetch(init.url ?? discord.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof payload === "string" ? payload : JSON.stringify(payload),
    ...init,
  });
  const text = await response.text();
  const body = (text.startsWith("{") ? JSON.parse(text) : {}) as Body;
  return { status: response.status, headers: response.headers, text, body };
}

const quiet = { allowed_mentions: { parse: [] } };

it("takes a message: 204, and with `wait` the message with its id", async () => {
  const payload = { content: "안녕 🪝", ...quiet };
  expect(await post(payload)).toMatchObject({ status: 204, text: "" });
  const waited = await post(payload, { url: `${discord.url}?wait=true&thread_id=42` });
  expect(waited).toMatchObject({
    status: 200,
    body: { id: expect.stringMatching(/^\d+$/), content: "안녕 🪝", channel_id: "42" },
  });
  expect(discord.messages.map((message) => message.payload)).toEqual([payload, payload]);
  expect([discord.refusals, discord.pings]).toEqual([[], []]);
});

it("answers on paths with and without a version", async () => {
  const url = discord.url.replace("/api/v10/", "/api/");
  expect((await post({ content: "x", ...quiet }, { url })).status).toBe(204);
});

describe("the webhook", () => {
  it.each([
    ["/", 404, 0],
    ["/api/webhooks/1100000000000000001", 404, 0],
    ["/api/webhooks/1100000000000000001/x/slack", 404, 0],
    ["/api/webhooks/1/x", 404, 10015],
    ["/api/webhooks/abc/x", 400, 50035],
    ["/api/webhooks/1100000000000000001/wrong", 401, 50027],
  ])("%s → %d, code %d", async (path, status, code) => {
    const url = new URL(path, discord.url).href;
    expect(await post({ content: "x" }, { url })).toMatchObject({ status, body: { code } });
  });

  it("takes no other method, and no thread that is none", async () => {
    expect(await post({ content: "x" }, { method: "PUT" })).toMatchObject({ status: 405 });
    const url = `${discord.url}?thread_id=x`;
    expect(await post({ content: "x" }, { url })).toMatchObject({ body: { code: 50035 } });
  });
});

describe("the payload", () => {
  it.each(["text/plain", "application/xml", ""])("is not of the type %j", async (type) => {
    const headers = { "content-type": type };
    expect(await post({ content: "x" }, { headers })).toMatchObject({
      status: 400,
      body: { code: 50035 },
    });
  });

  it.each(["", "{", "[]", "null", '"x"'])("is JSON, not %j", async (body) => {
    expect(await post(body)).toMatchObject({ status: 400, body: { code: 50109 } });
  });

  it.each([{}, { content: "" }, { content: " \n" }, { content: null }])(
    "is not empty: %j",
    async (payload) => {
      expect(await post(payload)).toMatchObject({ status: 400, body: { code: 50006 } });
    },
  );

  it.each<[string, object]>([
    ["content", { content: 5 }],
    ["content", { content: "x".repeat(2001) }],
    ["content", { content: "a\ud83e" }],
    ["flags", { content: "x", flags: "4" }],
    ["allowed_mentions", { content: "x", allowed_mentions: [] }],
    ["allowed_mentions", { content: "x", allowed_mentions: { parse: ["all"] } }],
  ])("names the field in `errors`: %s", async (field, payload) => {
    const { status, body } = await post(payload);
    expect([status, body.code, Object.keys(body.errors ?? {})]).toEqual([400, 50035, [field]]);
  });

  it("may have 2,000 characters", async () => {
    expect((await post({ content: "x".repeat(2000), ...quiet })).status).toBe(204);
  });
});

it("takes mentions that are not held back, and keeps a list of whom they would call", async () => {
  const texts = ["@everyone", "<@123>", "<@&9> hello"];
  for (const content of texts) expect((await post({ content })).status).toBe(204);
  await post({ content: "@here", allowed_mentions: { parse: ["everyone"] } });
  expect(discord.pings).toEqual([...texts, "@here"]);
  for (const content of texts) await post({ content, ...quiet });
  await post({ content: "<@123>", allowed_mentions: { parse: ["everyone"] } });
  expect(discord.pings).toHaveLength(4);
});

it("takes 5 calls in 2 s, refused ones too, and says when there is room", async () => {
  const strict = await startDiscord();
  const statuses: number[] = [];
  for (const content of ["a", "", "b", "c", "d", "e"]) {
    statuses.push((await post({ content }, { url: strict.url })).status);
  }
  const limited = await post({ content: "f" }, { url: strict.url });
  expect(statuses).toEqual([204, 400, 204, 204, 204, 429]);
  expect(limited.body).toMatchObject({ message: "You are being rate limited.", global: false });
  expect(limited.body.retry_after).toBeGreaterThan(0);
  expect(limited.body.retry_after).toBeLessThanOrEqual(2);
  expect(Number.isInteger(Number(limited.headers.get("retry-after")))).toBe(true);
  expect(limited.headers.get("x-ratelimit-limit")).toBe("5");
  expect(limited.headers.get("x-ratelimit-remaining")).toBe("0");
  expect(Number(limited.headers.get("x-ratelimit-reset-after"))).toBeGreaterThan(0);
  expect(limited.headers.get("x-ratelimit-bucket")).not.toBeNull();
  expect(strict.messages).toHaveLength(4);
  await strict.close();
});

it.each([
  ["down", 503],
  ["rate_limited", 429],
  ["banned", 429],
  ["not_discord", 200],
] as const)("in mode %s answers %d", async (mode, status) => {
  discord.setMode(mode);
  expect((await post({ content: "x" })).status).toBe(status);
  expect(discord.messages).toEqual([]);
});
