import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { DRIVERS, deliver } from "../../src/destinations/deliver.ts";
import { discordMessage } from "../../src/destinations/discord-message.ts";
import { eventWith, inputOf, SETTINGS } from "./fixtures.ts";

type Payload = { content: string; allowed_mentions: object; flags: number };
type Discord = {
  url: string;
  token: string;
  messages: { id: string; threadId: string | null; payload: Payload }[];
  refusals: { code: unknown; why: string }[];
  pings: string[];
  setMode: (mode: string) => void;
  close: () => Promise<void>;
};

let discord: Discord;
beforeAll(async () => {
  // Not a literal: the emulator is checked with Node's types, this file with the Workers' ones.
  const emulator = "../emulators/discord.ts";
  const { startDiscord } = await import(/* @vite-ignore */ emulator);
  discord = await startDiscord({ burst: 1000 });
});
afterAll(() => discord.close());
beforeEach(() => {
  for (const list of [discord.messages, discord.refusals, discord.pings]) list.length = 0;
});
afterEach(() => discord.setMode("ok"));

const send = (event = eventWith("hello"), url = discord.url) =>
  deliver("discord", { url }, inputOf(event));

it("posts the body and waits for the message's id; what it stores has no secret", async () => {
  const result = await send();
  expect(result.outcome).toEqual({ ok: true });
  const text = new TextDecoder();
  expect(JSON.parse(text.decode(result.responseBody))).toMatchObject({
    id: discord.messages[0]?.id,
  });
  expect(JSON.parse(text.decode(result.requestBody))).toEqual(discord.messages[0]?.payload);
  expect(discord.messages[0]?.payload).toEqual({
    content: "hello",
    allowed_mentions: { parse: [] },
    flags: 4,
  });
  const url = `${discord.url.replace(/[^/]*$/, "********")}?wait=true`;
  expect(result.request).toMatchObject({ method: "POST", url });
  expect(JSON.stringify(result.request)).not.toContain(discord.token);
});

it("posts to a thread", async () => {
  const { outcome, request } = await send(eventWith("x"), `${discord.url}?thread_id=77`);
  expect(outcome).toEqual({ ok: true });
  expect(discord.messages[0]?.threadId).toBe("77");
  expect(request?.url).toMatch(/\/\*{8}\?thread_id=77&wait=true$/);
});

it.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
  ["mentions and links", "@everyone @here <@1> <@&2> [a](https://evil.example)", "text/plain"],
  ["a message field", '{"message":"<b>12,000원</b> 8*1*"}', "application/json"],
  ["a large object", JSON.stringify({ list: Array(5000).fill("<&> 🪝 ```") }), "application/json"],
  ["another one", JSON.stringify({ list: Array(5000).fill("🪝") }), "application/json"],
  ["a text of markup", "*".repeat(100_000), "text/plain"],
  [
    "JSON that is long when laid out",
    `${"[".repeat(60)}${"1,".repeat(30_000)}1${"]".repeat(60)}`,
    "application/json",
  ],
  ["a text of pairs", "🪝".repeat(50_000), "text/plain"],
  ["one long link", `https://example.org/${"a_".repeat(50_000)}`, "text/plain"],
  ["a form", "text=%3C%21here%3E", "application/x-www-form-urlencoded"],
  ["an image", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x00]), "image/png"],
  ["half a pair", '"\\ud83e"', "application/json"],
  ["nothing", "", "text/plain"],
  ["blanks", " \n ", "text/plain"],
  ["nothing to see", "\u200b\u200d", "text/plain"],
])("is taken by a strict Discord and calls nobody: %s", async (_, body, contentType) => {
  const { outcome } = await send(eventWith(body, { contentType }));
  expect(discord.refusals).toEqual([]);
  expect(discord.pings).toEqual([]);
  expect(outcome).toEqual({ ok: true });
});

it.each([
  ["down", { retry: true, reason: "http_status" }],
  [
    "rate_limited",
    { retry: true, reason: "rate_limited", retryAfterMs: 2500, uncounted: true, effect: "pause" },
  ],
  ["banned", { retry: true, reason: "rate_limited", retryAfterMs: 7000, uncounted: true }],
  ["not_discord", { retry: false, reason: "rejected" }],
])("in mode %s", async (mode, expected) => {
  discord.setMode(mode);
  expect((await send()).outcome).toMatchObject({ ok: false, ...expected });
});

it("disables for a wrong token and an unknown webhook; a closed port is tried again", async () => {
  const hopeless = { ok: false, retry: false, reason: "rejected", effect: "disable" };
  const wrong = await send(eventWith("x"), discord.url.replace(/[^/]*$/, "wrong"));
  expect(wrong).toMatchObject({ outcome: hopeless, response: { status: 401 } });
  const unknown = await send(eventWith("x"), discord.url.replace(/\d+\/[^/]*$/, "1/x"));
  expect(unknown).toMatchObject({ outcome: hopeless, response: { status: 404 } });
  const closed = await send(eventWith("x"), "http://127.0.0.1:1/api/webhooks/1/x");
  expect(closed.outcome).toEqual({ ok: false, retry: true, reason: "connection_failed" });
});

it("does not call what it may not call, and needs the stored body", async () => {
  const settings = { ...SETTINGS, allowLoopback: false };
  const input = inputOf(eventWith("x"), { settings });
  const blocked = await deliver("discord", { url: discord.url }, input);
  expect(blocked.outcome).toEqual({ ok: false, retry: false, reason: "blocked_url" });
  expect(JSON.stringify(blocked)).not.toContain(discord.token);
  const missing = await send(eventWith("x", { openBody: async () => null }));
  expect(missing.outcome).toEqual({ ok: false, retry: false, reason: "body_missing" });
  const invalid = await DRIVERS.discord.deliver({ url: "nonsense" }, inputOf(eventWith("x")));
  expect(invalid.outcome).toEqual({ ok: false, retry: false, reason: "invalid_config" });
  expect(discord.messages).toEqual([]);
});

it.each([
  ["신한카드 8*1* _x_", "신한카드 8\\*1\\* \\_x\\_"],
  ["[a](https://e.org/x_y) <@1>", "\\[a\\](https://e.org/x_y) \\<@1\\>"],
  ["# a\n- b # c - d\n> e", "\\# a\n\\- b # c - d\n\\> e"],
  ["a\\b", "a\\\\b"],
])("shows a text as it is, links whole: %j", (text, content) => {
  expect(discordMessage({ text, kind: "text", unreadBytes: 0 }).content).toBe(content);
});

it("fences JSON, unless it has a fence of its own", () => {
  const fenced = discordMessage({ text: '{\n  "a": "*"\n}', kind: "code", unreadBytes: 0 });
  expect(fenced.content).toBe('```\n{\n  "a": "*"\n}\n```');
  const open = discordMessage({ text: '"```[a](b)"', kind: "code", unreadBytes: 0 });
  expect(open.content).toBe('"\\`\\`\\`\\[a\\](b)"');
});

it.each([
  ["text", "x".repeat(2000), 0, /^x{2000}$/],
  ["text", "x".repeat(2001), 0, /^x+\n… \d\d more characters$/],
  ["text", "🪝".repeat(5000), 0, /^(🪝)+\n… 4,\d{3} more characters$/u],
  ["text", "*".repeat(5000), 0, /^(\\\*)+\n… 4,\d{3} more characters$/],
  ["text", "short", 70_000, /^short\n… 70,000 more bytes$/],
  ["code", "x".repeat(5000), 9, /^```\nx+\n```\n… 3,\d{3} more characters and 9 more bytes$/],
] as const)("cuts %s with a mark: %.10s", (kind, text, unreadBytes, expected) => {
  const { content } = discordMessage({ text, kind, unreadBytes });
  expect(content).toMatch(expected);
  expect(content.length).toBeLessThanOrEqual(2000);
  expect(content.isWellFormed()).toBe(true);
  expect(content.length).toBeGreaterThan(Math.min(text.length, 2000) - 10);
});
