import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CHATS, startTelegram } from "./telegram.ts";

let telegram: Awaited<ReturnType<typeof startTelegram>>;
beforeAll(async () => {
  telegram = await startTelegram({ burst: 1000 });
});
afterAll(() => telegram.close());
beforeEach(() => {
  telegram.messages.length = 0;
  telegram.refusals.length = 0;
});
afterEach(() => telegram.setMode("ok"));

async function call(path: string, payload: unknown, init: RequestInit = {}, to = telegram) {
  const response = await fetch(`${to.baseUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof payload === "string" ? payload : JSON.stringify(payload),
    ...init,
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : text };
}

const send = (payload: unknown, init: RequestInit = {}, to = telegram) =>
  call(`/bot${to.token}/sendMessage`, payload, init, to);
const refused = (status: number, description: string, parameters?: object) => ({
  status,
  body: { ok: false, error_code: status, description, ...(parameters && { parameters }) },
});

it.each([CHATS.open, CHATS.channel])("takes a message to %s and gives its id", async (chatId) => {
  const payload = { chat_id: chatId, text: "안녕 🪝 *b*", link_preview_options: {} };
  expect(await send(payload)).toMatchObject({
    status: 200,
    body: { ok: true, result: { message_id: expect.any(Number), text: payload.text } },
  });
  expect(telegram.messages.map((message) => message.payload)).toEqual([payload]);
  expect(telegram.refusals).toEqual([]);
});

describe("the bot", () => {
  const other = `110201543:${"x".repeat(35)}`;
  it.each([
    [`/bot${other}/sendMessage`, 401, "Unauthorized"],
    ["/bot1:short/sendMessage", 404, "Not Found"],
    [`/${other}/sendMessage`, 404, "Not Found"],
    ["/", 404, "Not Found"],
  ])("%s → %d", async (path, status, description) => {
    expect(await call(path, { chat_id: 1, text: "x" })).toEqual(refused(status, description));
  });

  it("has this one method, by POST", async () => {
    const notFound = refused(404, "Not Found: method not found");
    expect(await call(`/bot${telegram.token}/sendPhoto`, {})).toEqual(notFound);
    const path = `/bot${telegram.token}/sendMessage`;
    expect(await call(path, undefined, { method: "GET" })).toEqual(notFound);
  });
});

describe("the chat", () => {
  it.each([
    [{}, 400, "Bad Request: chat_id is empty"],
    [{ chat_id: 1 }, 400, "Bad Request: chat not found"],
    [{ chat_id: "@nobody" }, 400, "Bad Request: chat not found"],
    [{ chat_id: CHATS.blocked }, 403, "Forbidden: bot was blocked by the user"],
    [{ chat_id: CHATS.kicked }, 403, "Forbidden: bot was kicked from the supergroup chat"],
  ])("%j → %d", async (chat, status, description) => {
    expect(await send({ ...chat, text: "x" })).toEqual(refused(status, description));
    expect(telegram.messages).toEqual([]);
  });

  it("that became a supergroup has another id", async () => {
    const moved = "Bad Request: group chat was upgraded to a supergroup chat";
    expect(await send({ chat_id: CHATS.migrated, text: "x" })).toEqual(
      refused(400, moved, { migrate_to_chat_id: CHATS.migratedTo }),
    );
    expect(await send({ chat_id: CHATS.migratedTo, text: "x" })).toMatchObject({ status: 200 });
  });
});

describe("the text", () => {
  it.each([
    [undefined, "message text is empty"],
    ["", "message text is empty"],
    [" \n", "message text is empty"],
    [5, "text must be a string"],
    ["x".repeat(4097), "message is too long"],
    ["🪝".repeat(2049), "message is too long"],
    ["a\ud83e", "strings must be encoded in UTF-8"],
  ])("%.10j → 400", async (text, why) => {
    expect(await send({ chat_id: CHATS.open, text })).toEqual(refused(400, `Bad Request: ${why}`));
  });

  it("may have 4,096 UTF-16 units", async () => {
    const text = "🪝".repeat(2048);
    expect(await send({ chat_id: CHATS.open, text })).toMatchObject({ status: 200 });
  });

  it("is no markup", async () => {
    const payload = { chat_id: CHATS.open, text: "*x", parse_mode: "MarkdownV2" };
    expect(await send(payload)).toEqual(refused(400, "Bad Request: can't parse entities"));
  });

  it("is in JSON", async () => {
    const broken = refused(400, "Bad Request: can't parse JSON object");
    for (const body of ["{", "[]", "null"]) expect(await send(body)).toEqual(broken);
    const headers = { "content-type": "text/plain" };
    expect(await send({ chat_id: CHATS.open, text: "x" }, { headers })).toEqual(
      refused(400, "Bad Request: message text is empty"),
    );
  });
});

it("takes a short burst and then a message a second, for each chat", async () => {
  const strict = await startTelegram({ burst: 1 });
  const to = (chatId: unknown) => send({ chat_id: chatId, text: "x" }, {}, strict);
  expect((await to(CHATS.open)).status).toBe(200);
  expect(await to(CHATS.open)).toEqual(
    refused(429, "Too Many Requests: retry after 1", { retry_after: 1 }),
  );
  expect((await to(CHATS.channel)).status).toBe(200);
  expect(strict.refusals.map((refusal) => refusal.status)).toEqual([429]);
  await strict.close();
});

it.each([
  ["down", 502],
  ["rate_limited", 429],
  ["not_telegram", 200],
] as const)("in mode %s answers %d", async (mode, status) => {
  telegram.setMode(mode);
  expect((await send({ chat_id: CHATS.open, text: "x" })).status).toBe(status);
  expect(telegram.messages).toEqual([]);
});
