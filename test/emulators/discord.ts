import type { IncomingMessage } from "node:http";
import {
  answer,
  isObject,
  type Json,
  mediaTypeOf,
  Refusal,
  readBody,
  readJsonObject,
  serve,
} from "./serve.ts";

export type DiscordMessage = { at: number; id: string; threadId: string | null; payload: Json };
export type DiscordRefusal = { at: number; status: number; code: unknown; why: string };

/**
 * `ok`: strict, as Discord. `down` (503), `rate_limited` (429, retry_after 2.5), `banned` (Cloudflare's 429, no JSON),
 * `not_discord` (200 with a page) and `hang` (no answer) stand for a webhook in trouble.
 */
export type DiscordMode = "ok" | "down" | "rate_limited" | "banned" | "not_discord" | "hang";

const ID = "1100000000000000001";
const CHANNEL_ID = "1200000000000000002";
const TOKEN = "dIsCoRd-EmUlAtOr_ToKeN-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG";
const PATH = /^\/api(?:\/v\d+)?\/webhooks\/([^/]+)\/([^/]+)$/;

/** Calls in one window, refused ones too. */
const DEFAULT_BURST = 5;
const WINDOW_MS = 2000;
const MAX_CONTENT_CHARS = 2000;

/** A Discord webhook that refuses whatever Discord refuses. */
export async function startDiscord({ burst = DEFAULT_BURST, port = 0 } = {}) {
  const messages: DiscordMessage[] = [];
  const refusals: DiscordRefusal[] = [];
  /** Taken messages that would have called somebody. */
  const pings: string[] = [];
  const bucket = { left: burst, resetAt: 0 };
  let mode: DiscordMode = "ok";

  async function accept(request: IncomingMessage): Promise<Json | null> {
    const url = new URL(request.url ?? "/", "http://discord");
    checkWebhook(request, url);
    if (mode === "down") throw new Refusal(503, "upstream connect error", "mode");
    if (mode === "rate_limited") throw rateLimited(2.5, "mode");
    if (mode === "banned") throw new Refusal(429, "error code: 1015", "mode");
    if (mode === "not_discord") throw new Refusal(200, "<html>Log in</html>", "mode");
    takeCall(bucket, burst);
    const payload = parsePayload(request, await readBody(request));
    const content = checkPayload(payload);
    const threadId = url.searchParams.get("thread_id");
    if (threadId !== null && !/^\d+$/.test(threadId))
      throw invalidForm("thread_id", "NUMBER_TYPE_COERCE");
    const message = {
      at: Date.now(),
      id: String(BigInt(ID) + BigInt(messages.length + 1)),
      threadId,
    };
    messages.push({ ...message, payload });
    if (wouldPing(content, payload.allowed_mentions)) pings.push(content);
    if (url.searchParams.get("wait") !== "true") return null;
    const channel = threadId ?? CHANNEL_ID;
    return { id: message.id, type: 0, content, channel_id: channel, webhook_id: ID };
  }

  const { origin, close } = await serve((request, response) => {
    if (mode === "hang") return;
    accept(request).then(
      (message) => answer(response, message ? 200 : 204, message, limitHeaders(bucket, burst)),
      (error: unknown) => {
        const known = error instanceof Refusal ? error : new Refusal(500, "", String(error));
        const { status, body, message } = known;
        const json = typeof body === "string" ? {} : body;
        refusals.push({ at: Date.now(), status, code: json.code, why: message });
        const wait = status === 429 && {
          "retry-after": String(Math.ceil(Number(json.retry_after ?? 7))),
        };
        answer(response, status, body, { ...limitHeaders(bucket, burst), ...wait });
      },
    );
  }, port);
  return {
    /** The webhook's URL: the only credential. */
    url: `${origin}/api/v10/webhooks/${ID}/${TOKEN}`,
    token: TOKEN,
    messages,
    refusals,
    pings,
    setMode(next: DiscordMode) {
      mode = next;
    },
    close,
  };
}

function checkWebhook(request: IncomingMessage, url: URL): void {
  const [, id, token] = PATH.exec(url.pathname) ?? [];
  if (id === undefined || token === undefined) throw refusal(404, 0, "404: Not Found");
  if (request.method !== "POST") throw refusal(405, 0, "405: Method Not Allowed");
  if (!/^\d+$/.test(id)) throw invalidForm("webhook_id", "NUMBER_TYPE_COERCE");
  if (id !== ID) throw refusal(404, 10015, "Unknown Webhook");
  if (token !== TOKEN) throw refusal(401, 50027, "Invalid Webhook Token");
}

function takeCall(bucket: { left: number; resetAt: number }, burst: number): void {
  const now = Date.now();
  if (now >= bucket.resetAt) Object.assign(bucket, { left: burst, resetAt: now + WINDOW_MS });
  if (bucket.left === 0) throw rateLimited((bucket.resetAt - now) / 1000, "over the rate");
  bucket.left--;
}

function limitHeaders({ left, resetAt }: { left: number; resetAt: number }, burst: number) {
  return {
    "x-ratelimit-limit": String(burst),
    "x-ratelimit-remaining": String(left),
    "x-ratelimit-reset": String(resetAt / 1000),
    "x-ratelimit-reset-after": String(Math.max(0, resetAt - Date.now()) / 1000),
    "x-ratelimit-bucket": "emulator",
  };
}

function parsePayload(request: IncomingMessage, body: Buffer): Json {
  const mediaType = mediaTypeOf(request);
  if (mediaType !== "application/json") throw invalidForm("_", "CONTENT_TYPE_INVALID", mediaType);
  const payload = readJsonObject(body);
  if (!payload) throw refusal(400, 50109, "The request body contains invalid JSON.");
  return payload;
}

/** Checks a message of text alone and gives the text. */
function checkPayload({ content, allowed_mentions: mentions, flags }: Json): string {
  if (content !== undefined && content !== null && typeof content !== "string") {
    throw invalidForm("content", "BASE_TYPE_STRING");
  }
  if (!content || content.trim() === "") throw refusal(400, 50006, "Cannot send an empty message");
  if (content.length > MAX_CONTENT_CHARS) throw invalidForm("content", "BASE_TYPE_MAX_LENGTH");
  if (!content.isWellFormed()) throw invalidForm("content", "BASE_TYPE_STRING", "half a pair");
  if (flags !== undefined && !Number.isInteger(flags))
    throw invalidForm("flags", "NUMBER_TYPE_COERCE");
  if (mentions !== undefined && !isMentions(mentions)) {
    throw invalidForm("allowed_mentions", "BASE_TYPE_CHOICES");
  }
  return content;
}

function isMentions(value: unknown): value is { parse?: string[] } {
  if (!isObject(value)) return false;
  const { parse } = value;
  const known = ["everyone", "users", "roles"];
  return (
    parse === undefined || (Array.isArray(parse) && parse.every((type) => known.includes(type)))
  );
}

/** Without `allowed_mentions` Discord calls everybody whom the text names. */
function wouldPing(content: string, mentions: unknown): boolean {
  const calls: Record<string, RegExp> = {
    everyone: /@(everyone|here)/,
    users: /<@!?\d+>/,
    roles: /<@&\d+>/,
  };
  const types = isMentions(mentions) ? (mentions.parse ?? []) : Object.keys(calls);
  return types.some((type) => calls[type]?.test(content));
}

function rateLimited(seconds: number, why: string): Refusal {
  const body = { message: "You are being rate limited.", retry_after: seconds, global: false };
  return new Refusal(429, body, why);
}

function refusal(status: number, code: number, message: string): Refusal {
  return new Refusal(status, { message, code }, message);
}

function invalidForm(field: string, code: string, why = code): Refusal {
  const errors = { [field]: { _errors: [{ code, message: why }] } };
  return new Refusal(
    400,
    { message: "Invalid Form Body", code: 50035, errors },
    `${field}: ${why}`,
  );
}
