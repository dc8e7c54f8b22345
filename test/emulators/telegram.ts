import type { IncomingMessage } from "node:http";
import {
  answer,
  type Json,
  mediaTypeOf,
  Refusal,
  readBody,
  readJsonObject,
  serve,
} from "./serve.ts";

export type TelegramMessage = { at: number; id: number; payload: Json };
export type TelegramRefusal = { at: number; status: number; why: string };

/**
 * `ok`: strict, as Telegram. `down` (502 with a page), `rate_limited` (429, retry_after 2), `not_telegram` (200 with a
 * page) and `hang` (no answer) stand for a Bot API in trouble.
 */
export type TelegramMode = "ok" | "down" | "rate_limited" | "not_telegram" | "hang";

const TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0";
const TOKEN_SHAPE = /^\d+:[\w-]{35,}$/;
const MAX_TEXT_UNITS = 4096;

/** The chats that this bot knows, by what happens there. */
export const CHATS = {
  open: -1001234567890,
  channel: "@baton_news",
  blocked: 555000111,
  kicked: -1005550001112,
  migrated: -123456,
  migratedTo: -1009876543210,
} as const;

/** One message a second to a chat; how many may come at once. */
const DEFAULT_BURST = 3;

type Buckets = Map<unknown, { tokens: number; at: number }>;

/** A Bot API with one bot that refuses whatever Telegram refuses. */
export async function startTelegram({ burst = DEFAULT_BURST, port = 0 } = {}) {
  const messages: TelegramMessage[] = [];
  const refusals: TelegramRefusal[] = [];
  const buckets: Buckets = new Map();
  let mode: TelegramMode = "ok";

  async function accept(request: IncomingMessage): Promise<Json> {
    checkMethod(request);
    if (mode === "down") throw new Refusal(502, "<html>Bad Gateway</html>", "mode");
    if (mode === "rate_limited") throw tooMany(2);
    if (mode === "not_telegram") throw new Refusal(200, "<html>Log in</html>", "mode");
    const payload = parsePayload(request, await readBody(request));
    const text = checkText(payload);
    checkChat(payload.chat_id);
    takeToken(buckets, payload.chat_id, burst);
    const now = Date.now();
    messages.push({ at: now, id: messages.length + 1, payload });
    const chat = { id: payload.chat_id, type: "supergroup" };
    return { message_id: messages.length, date: Math.floor(now / 1000), chat, text };
  }

  const { origin, close } = await serve((request, response) => {
    if (mode === "hang") return;
    accept(request).then(
      (result) => answer(response, 200, { ok: true, result }),
      (error: unknown) => {
        const known = error instanceof Refusal ? error : new Refusal(500, "", String(error));
        refusals.push({ at: Date.now(), status: known.status, why: known.message });
        answer(response, known.status, known.body);
      },
    );
  }, port);
  return {
    /** What stands for https://api.telegram.org. */
    baseUrl: origin,
    token: TOKEN,
    messages,
    refusals,
    setMode(next: TelegramMode) {
      mode = next;
    },
    close,
  };
}

function checkMethod(request: IncomingMessage): void {
  const [, bot = "", method, ...more] = new URL(request.url ?? "/", "http://t").pathname.split("/");
  const token = bot.replace(/^bot/, "");
  if (!bot.startsWith("bot") || !TOKEN_SHAPE.test(token)) throw refusal(404, "Not Found");
  if (token !== TOKEN) throw refusal(401, "Unauthorized");
  // The real one takes a GET too; whoever sends a text in a URL has it in every log.
  if (method !== "sendMessage" || more.length > 0 || request.method !== "POST") {
    throw refusal(404, "Not Found: method not found");
  }
}

/** What is no JSON is read as a form without fields, so that its text is empty. */
function parsePayload(request: IncomingMessage, body: Buffer): Json {
  if (mediaTypeOf(request) !== "application/json") return {};
  const payload = readJsonObject(body);
  if (!payload) throw refusal(400, "Bad Request: can't parse JSON object");
  return payload;
}

/** Checks the text, and that nothing asks for markup: a relay has none, so what looks like it came from outside. */
function checkText({ text, parse_mode: parseMode }: Json): string {
  if (text !== undefined && typeof text !== "string") {
    throw refusal(400, "Bad Request: text must be a string");
  }
  if (!text || text.trim() === "") throw refusal(400, "Bad Request: message text is empty");
  if (!text.isWellFormed()) throw refusal(400, "Bad Request: strings must be encoded in UTF-8");
  if (text.length > MAX_TEXT_UNITS) throw refusal(400, "Bad Request: message is too long");
  if (parseMode !== undefined) throw refusal(400, "Bad Request: can't parse entities");
  return text;
}

function checkChat(id: unknown): void {
  if (id === undefined || id === "") throw refusal(400, "Bad Request: chat_id is empty");
  if (id === CHATS.blocked) throw refusal(403, "Forbidden: bot was blocked by the user");
  if (id === CHATS.kicked) throw refusal(403, "Forbidden: bot was kicked from the supergroup chat");
  if (id === CHATS.migrated) {
    const moved = "Bad Request: group chat was upgraded to a supergroup chat";
    throw refusal(400, moved, { migrate_to_chat_id: CHATS.migratedTo });
  }
  const isKnown = id === CHATS.open || id === CHATS.channel || id === CHATS.migratedTo;
  if (!isKnown) throw refusal(400, "Bad Request: chat not found");
}

function takeToken(buckets: Buckets, chat: unknown, burst: number): void {
  const now = Date.now();
  const bucket = buckets.get(chat) ?? { tokens: burst, at: now };
  buckets.set(chat, bucket);
  bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / 1000);
  bucket.at = now;
  if (bucket.tokens < 1) throw tooMany(Math.ceil(1 - bucket.tokens));
  bucket.tokens--;
}

function tooMany(seconds: number): Refusal {
  return refusal(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
}

function refusal(status: number, description: string, parameters?: Json): Refusal {
  const body = { ok: false, error_code: status, description, ...(parameters && { parameters }) };
  return new Refusal(status, body, description);
}
