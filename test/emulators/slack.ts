import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A text object or block as it came; every field is doubted. */
type Json = Record<string, unknown>;

export type SlackMessage = { at: number; payload: Json };
export type SlackRefusal = { at: number; status: number; body: string; why: string };

/**
 * `ok`: strict, as Slack. The others stand for a hook in trouble; `not_slack` is 200 with a page, `hang` no answer.
 */
export type SlackMode = "ok" | "not_slack" | "hang" | keyof typeof TROUBLES;

/** What a hook in trouble answers, in Slack's words. */
const TROUBLES = {
  archived: [410, "channel_is_archived"],
  no_channel: [404, "channel_not_found"],
  prohibited: [403, "action_prohibited"],
  general_denied: [403, "posting_to_general_channel_denied"],
  team_disabled: [403, "team_disabled"],
  no_user: [400, "user_not_found"],
  down: [500, "rollup_error"],
  rate_limited: [429, "rate_limited", 2],
} as const satisfies Record<string, readonly [number, string, number?]>;

/** One message a second; how many may come at once. */
const DEFAULT_BURST = 5;

const WORKSPACE = "T00000000";
const HOOK = "B00000000";
const TOKEN = "XXXXXXXXXXXXXXXXXXXXXXXX";

const MAX_BLOCKS = 50;
const MAX_TEXT_CHARS = 3000;
const MAX_HEADER_CHARS = 150;
const MAX_FIELDS = 10;
const MAX_FIELD_CHARS = 2000;
const MAX_CONTEXT_ELEMENTS = 10;
const MAX_TOTAL_CHARS = 13_000;
const MAX_ACTIONS = 25;
const MAX_BUTTON_CHARS = 75;
const MAX_BLOCK_ID_CHARS = 255;
const MAX_ATTACHMENTS = 100;
/** What a hook takes; it is bound to its channel, name and picture. */
const FIELDS = [
  "text",
  "blocks",
  "attachments",
  "thread_ts",
  "mrkdwn",
  "unfurl_links",
  "unfurl_media",
  "metadata",
  "response_type",
];
/** What only a hook of the old kind takes. */
const OVERRIDES = [
  "channel",
  "username",
  "icon_emoji",
  "icon_url",
  "link_names",
  "parse",
  "as_user",
];

class Refusal extends Error {
  readonly status: number;
  readonly body: string;
  readonly retryAfterSeconds?: number;

  constructor(status: number, body: string, why: string, retryAfterSeconds?: number) {
    super(why);
    this.status = status;
    this.body = body;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * A Slack incoming webhook that refuses whatever Slack refuses; and markup, unless `markup` says that it is the caller's
 * own.
 */
export async function startSlack({ burst = DEFAULT_BURST, port = 0, markup = false } = {}) {
  const messages: SlackMessage[] = [];
  const refusals: SlackRefusal[] = [];
  const bucket = { tokens: burst, at: Date.now() };
  let mode: SlackMode = "ok";

  async function accept(request: IncomingMessage) {
    checkHook(request);
    const body = await readBody(request);
    if (mode === "not_slack") throw new Refusal(200, "<html>Log in</html>", "mode");
    if (mode !== "ok" && mode !== "hang") {
      const [status, answer, wait] = TROUBLES[mode] as readonly [number, string, number?];
      throw new Refusal(status, answer, "mode", wait);
    }
    takeToken(bucket, burst);
    const payload = parsePayload(request, body);
    const fields = markup ? [...FIELDS, ...OVERRIDES] : FIELDS;
    checkPayload(markup ? withoutMarkup(payload) : payload, fields);
    messages.push({ at: Date.now(), payload });
  }

  const server = createServer((request, response) => {
    if (mode === "hang") return;
    accept(request).then(
      () => answer(response, 200, "ok"),
      (error: unknown) => {
        const known = error instanceof Refusal ? error : new Refusal(500, "fatal", String(error));
        const { status, body, message, retryAfterSeconds } = known;
        refusals.push({ at: Date.now(), status, body, why: message });
        answer(response, status, body, retryAfterSeconds);
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    /** The hook's URL: the only credential. */
    url: `${origin}/services/${WORKSPACE}/${HOOK}/${TOKEN}`,
    messages,
    refusals,
    setMode(next: SlackMode) {
      mode = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, status: number, body: string, retryAfter?: number): void {
  if (retryAfter !== undefined) response.setHeader("retry-after", String(retryAfter));
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(body);
}

function checkHook(request: IncomingMessage): void {
  const [, services, workspace, hook, token, ...more] = (request.url ?? "").split("/");
  const isHook = services === "services" && workspace === WORKSPACE && hook === HOOK;
  if (!isHook || token === undefined || more.length > 0) {
    throw new Refusal(404, "no_service", `no hook at ${request.url}`);
  }
  if (token !== TOKEN) throw new Refusal(403, "invalid_token", "wrong token");
  if (request.method !== "POST") {
    throw new Refusal(405, "method_not_allowed", `method ${request.method}`);
  }
}

function takeToken(bucket: { tokens: number; at: number }, burst: number): void {
  const now = Date.now();
  bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / 1000);
  bucket.at = now;
  if (bucket.tokens < 1) throw new Refusal(429, "rate_limited", "over 1 message a second", 1);
  bucket.tokens--;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parsePayload(request: IncomingMessage, body: Buffer): Json {
  const mediaType = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") throw invalidPayload(`content-type ${mediaType}`);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    const payload: unknown = JSON.parse(text);
    if (isObject(payload)) return payload;
  } catch {
    throw invalidPayload("not JSON in UTF-8");
  }
  throw invalidPayload("not an object");
}

/** `<https://…|label>`, `<!here>` and `<@U1>` taken out: what is left must be escaped all the same. */
function withoutMarkup(payload: Json): Json {
  const bare = JSON.stringify(payload).replace(/<(https?:|[!@#])[^<>]*>/g, "");
  return JSON.parse(bare) as Json;
}

function checkPayload({ text, blocks, attachments, ...more }: Json, fields: string[]): void {
  const stranger = Object.keys(more).find((name) => !fields.includes(name));
  if (stranger !== undefined) throw invalidPayload(`field ${stranger}`);
  if (attachments !== undefined) checkAttachments(attachments);
  if (text !== undefined && typeof text !== "string") throw invalidPayload("text is no string");
  if (!text && blocks === undefined && attachments === undefined)
    throw new Refusal(400, "no_text", "neither text nor blocks");
  if (text) checkEscaped(text);
  if (blocks !== undefined) checkBlocks(blocks);
}

function checkAttachments(attachments: unknown): void {
  if (!Array.isArray(attachments) || attachments.length === 0) {
    throw invalidPayload("no list of attachments");
  }
  if (attachments.length > MAX_ATTACHMENTS) {
    throw new Refusal(400, "too_many_attachments", `${attachments.length} attachments`);
  }
  for (const attachment of attachments) {
    if (!isObject(attachment)) throw invalidPayload("an attachment is no object");
    const { text, fallback, title, fields, blocks } = attachment;
    if (!text && !fallback && !title && !fields && !blocks) {
      throw new Refusal(400, "missing_text_or_fallback_or_attachments", "an empty attachment");
    }
    if (blocks !== undefined) checkBlocks(blocks);
    for (const shown of [text, fallback, attachment.pretext]) {
      if (typeof shown === "string") checkEscaped(shown);
    }
  }
}

function checkBlocks(blocks: unknown): void {
  if (!Array.isArray(blocks) || blocks.length === 0) throw invalidBlocks("no list of blocks");
  if (blocks.length > MAX_BLOCKS) throw invalidBlocks(`${blocks.length} blocks`);
  const total = blocks.map(checkBlock).reduce((sum, chars) => sum + chars, 0);
  if (total > MAX_TOTAL_CHARS) throw new Refusal(400, "msg_blocks_too_long", `${total} characters`);
}

/** Checks one block and counts its characters. */
function checkBlock(block: unknown): number {
  if (!isObject(block)) throw invalidBlocks("a block is no object");
  const { block_id: id } = block;
  if (id !== undefined && (typeof id !== "string" || id.length > MAX_BLOCK_ID_CHARS)) {
    throw invalidBlocks("block_id");
  }
  if (block.type === "divider") return 0;
  if (block.type === "header") {
    if (!isObject(block.text) || block.text.type !== "plain_text") {
      throw invalidBlocks("a header takes plain_text");
    }
    return checkText(block.text, MAX_HEADER_CHARS);
  }
  if (block.type === "section") {
    if (block.text === undefined && block.fields === undefined)
      throw invalidBlocks("empty section");
    const text = block.text === undefined ? 0 : checkText(block.text, MAX_TEXT_CHARS);
    return text + checkTexts(block.fields ?? [], MAX_FIELDS, MAX_FIELD_CHARS);
  }
  if (block.type === "context") {
    if (!Array.isArray(block.elements) || block.elements.length === 0) {
      throw invalidBlocks("a context without elements");
    }
    return checkTexts(block.elements, MAX_CONTEXT_ELEMENTS, MAX_FIELD_CHARS);
  }
  if (block.type === "actions") return checkActions(block.elements);
  throw invalidBlocks(`block type ${String(block.type)}`);
}

function checkActions(elements: unknown): number {
  if (!Array.isArray(elements) || elements.length === 0) throw invalidBlocks("no actions");
  if (elements.length > MAX_ACTIONS) throw invalidBlocks(`${elements.length} actions`);
  const chars = elements.map((element: unknown) => {
    if (!isObject(element) || element.type !== "button") throw invalidBlocks("no button");
    if (!isObject(element.text) || element.text.type !== "plain_text") {
      throw invalidBlocks("a button takes plain_text");
    }
    return checkText(element.text, MAX_BUTTON_CHARS);
  });
  return chars.reduce((sum, count) => sum + count, 0);
}

function checkTexts(texts: unknown, maxCount: number, maxChars: number): number {
  if (!Array.isArray(texts)) throw invalidBlocks("no list of texts");
  if (texts.length > maxCount) throw invalidBlocks(`${texts.length} texts`);
  return texts.map((text) => checkText(text, maxChars)).reduce((sum, chars) => sum + chars, 0);
}

function checkText(text: unknown, maxChars: number): number {
  if (!isObject(text) || (text.type !== "plain_text" && text.type !== "mrkdwn")) {
    throw invalidBlocks("no text object");
  }
  if (text.emoji !== undefined && text.type !== "plain_text")
    throw invalidBlocks("emoji in mrkdwn");
  if (typeof text.text !== "string" || text.text === "") throw invalidBlocks("empty text");
  if (text.text.length > maxChars) throw invalidBlocks(`${text.text.length} characters in a text`);
  checkEscaped(text.text);
  return text.text.length;
}

/**
 * Stricter than Slack, which would take `<!channel>` as a call to everybody: a relay has no markup of its own,
 * so whatever is not escaped came from outside.
 */
function checkEscaped(text: string): void {
  if (/[<>]/.test(text)) throw invalidPayload("a bare < or >");
  if (/&(?!(amp|lt|gt);)/.test(text)) throw invalidPayload("a bare & or another escape");
  if (!text.isWellFormed()) throw invalidPayload("half a surrogate pair");
}

function invalidPayload(why: string): Refusal {
  return new Refusal(400, "invalid_payload", why);
}

function invalidBlocks(why: string): Refusal {
  return new Refusal(400, "invalid_blocks", why);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
