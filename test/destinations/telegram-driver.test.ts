import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { DRIVERS, deliver } from "../../src/destinations/deliver.ts";
import { telegramMessage } from "../../src/destinations/telegram-message.ts";
import { eventWith, inputOf, SETTINGS } from "./fixtures.ts";

type Telegram = {
  baseUrl: string;
  token: string;
  messages: { id: number; payload: Record<string, unknown> }[];
  refusals: { why: string }[];
  setMode: (mode: string) => void;
  close: () => Promise<void>;
};
type Chats = Record<"open" | "blocked" | "kicked" | "migrated" | "migratedTo", number>;

let telegram: Telegram;
let chats: Chats;
beforeAll(async () => {
  // Not a literal: the emulator is checked with Node's types, this file with the Workers' ones.
  const emulator = "../emulators/telegram.ts";
  const { startTelegram, CHATS } = await import(/* @vite-ignore */ emulator);
  telegram = await startTelegram({ burst: 1000 });
  chats = CHATS;
});
afterAll(() => telegram.close());
beforeEach(() => {
  telegram.messages.length = 0;
  telegram.refusals.length = 0;
});
afterEach(() => telegram.setMode("ok"));

const configWith = (more: Record<string, unknown> = {}) => ({
  token: telegram.token,
  chatId: chats.open,
  baseUrl: telegram.baseUrl,
  ...more,
});
const send = (event = eventWith("hello"), more: Record<string, unknown> = {}) =>
  deliver("telegram", configWith(more), inputOf(event));

it("sends the body to the chat; what it stores has no secret", async () => {
  const result = await send();
  expect(result.outcome).toEqual({ ok: true });
  const text = new TextDecoder();
  const answer = { ok: true, result: { message_id: telegram.messages[0]?.id } };
  expect(JSON.parse(text.decode(result.responseBody))).toMatchObject(answer);
  expect(JSON.parse(text.decode(result.requestBody))).toEqual(telegram.messages[0]?.payload);
  expect(telegram.messages[0]?.payload).toEqual({
    chat_id: chats.open,
    text: "hello",
    link_preview_options: { is_disabled: true },
  });
  const [id, secret = ""] = telegram.token.split(":");
  expect(result.request).toMatchObject({
    method: "POST",
    url: `${telegram.baseUrl}/bot${id}:********/sendMessage`,
  });
  expect(JSON.stringify(result.request)).not.toContain(secret);
});

it("takes a channel's name, and a base URL with a slash at its end", async () => {
  const more = { chatId: "@baton_news", baseUrl: `${telegram.baseUrl}/` };
  expect((await send(eventWith("x"), more)).outcome).toEqual({ ok: true });
});

it.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
  ["markup", "*a* _b_ <b>c</b> [d](https://evil.example) 8*1*", "text/plain"],
  ["a message field", '{"message":"<b>12,000원</b>"}', "application/json"],
  ["a large object", JSON.stringify({ list: Array(5000).fill("<&> 🪝 ```") }), "application/json"],
  [
    "JSON that is long when laid out",
    `${"[".repeat(60)}${"1,".repeat(30_000)}1${"]".repeat(60)}`,
    "application/json",
  ],
  ["a text of pairs", "🪝".repeat(50_000), "text/plain"],
  ["an odd text of pairs", `a${"🪝".repeat(50_000)}`, "text/plain"],
  ["a form", "text=%3C%21here%3E", "application/x-www-form-urlencoded"],
  ["an image", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x00]), "image/png"],
  ["half a pair", '"\\ud83e"', "application/json"],
  ["nothing", "", "text/plain"],
  ["blanks", " \n ", "text/plain"],
])("is taken by a strict Telegram: %s", async (_, body, contentType) => {
  const { outcome } = await send(eventWith(body, { contentType }));
  expect(telegram.refusals).toEqual([]);
  expect(outcome).toEqual({ ok: true });
});

it.each([
  ["down", { retry: true, reason: "http_status" }],
  [
    "rate_limited",
    { retry: true, reason: "rate_limited", retryAfterMs: 2000, uncounted: true, effect: "pause" },
  ],
  ["not_telegram", { retry: false, reason: "rejected" }],
])("in mode %s", async (mode, expected) => {
  telegram.setMode(mode);
  expect((await send()).outcome).toMatchObject({ ok: false, ...expected });
});

it("disables for a wrong token and a chat that has blocked or removed the bot", async () => {
  const hopeless = { ok: false, retry: false, reason: "rejected", effect: "disable" };
  const wrong = await send(eventWith("x"), { token: `1:${"x".repeat(35)}` });
  expect(wrong).toMatchObject({ outcome: hopeless, response: { status: 401 } });
  for (const chatId of [chats.blocked, chats.kicked]) {
    const { outcome, response } = await send(eventWith("x"), { chatId });
    expect([outcome, response?.status]).toEqual([hopeless, 403]);
  }
});

it("a chat that is not found, or has moved, ends the delivery alone; the new id is on record", async () => {
  const rejected = { ok: false, retry: false, reason: "rejected" };
  expect((await send(eventWith("x"), { chatId: 1 })).outcome).toEqual(rejected);
  const moved = await send(eventWith("x"), { chatId: chats.migrated });
  expect(moved.outcome).toEqual(rejected);
  const parameters = { migrate_to_chat_id: chats.migratedTo };
  expect(JSON.parse(new TextDecoder().decode(moved.responseBody))).toMatchObject({ parameters });
});

it("does not call what it may not call, and needs the stored body", async () => {
  const closed = await send(eventWith("x"), { baseUrl: "http://127.0.0.1:1" });
  expect(closed.outcome).toEqual({ ok: false, retry: true, reason: "connection_failed" });
  const settings = { ...SETTINGS, allowLoopback: false };
  const blocked = await deliver("telegram", configWith(), inputOf(eventWith("x"), { settings }));
  expect(blocked.outcome).toEqual({ ok: false, retry: false, reason: "blocked_url" });
  expect(JSON.stringify(blocked)).not.toContain(telegram.token);
  const missing = await send(eventWith("x", { openBody: async () => null }));
  expect(missing.outcome).toEqual({ ok: false, retry: false, reason: "body_missing" });
  const invalid = await DRIVERS.telegram.deliver({ url: "nonsense" }, inputOf(eventWith("x")));
  expect(invalid.outcome).toEqual({ ok: false, retry: false, reason: "invalid_config" });
  expect(telegram.messages).toEqual([]);
});

it.each([
  ["x".repeat(4096), 0, /^x{4096}$/],
  ["x".repeat(4097), 0, /^x+\n… \d\d more characters$/],
  ["🪝".repeat(5000), 0, /^(🪝)+\n… 2,9\d\d more characters$/u],
  [`a${"🪝".repeat(5000)}`, 0, /^a(🪝)+\n… 2,9\d\d more characters$/u],
  ["short", 70_000, /^short\n… 70,000 more bytes$/],
] as const)("cuts with a mark: %.10s", (text, unreadBytes, expected) => {
  const message = telegramMessage({ chatId: 1 }, { text, kind: "text", unreadBytes });
  expect(message.text).toMatch(expected);
  expect(message.text.length).toBeLessThanOrEqual(4096);
  expect(message.text.isWellFormed()).toBe(true);
  expect(message.text.length).toBeGreaterThan(Math.min(text.length, 4096) - 10);
});
