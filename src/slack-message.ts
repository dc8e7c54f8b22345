import { exceedsDepth } from "./json-depth.ts";

/** A message as it is posted to a Slack incoming webhook; nothing of it has been checked. */
export type SlackMessage = Record<string, unknown>;

/** Deepest message that is read; Block Kit itself nests less than ten levels. */
const MAX_DEPTH = 64;

/** Where blocks and attachments keep what people read. */
const TEXT_KEYS = ["pretext", "title", "text", "value"];

/**
 * The message in a body: JSON whatever it is labelled (`curl -d` calls it a form), or the old form `payload=<json>`.
 * Null for everything else, also for what is no UTF-8.
 */
export function readSlackMessage(body: Uint8Array): SlackMessage | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
    const isJson = text.trimStart().startsWith("{");
    const json = isJson ? text : (new URLSearchParams(text).get("payload") ?? "");
    if (exceedsDepth(json, MAX_DEPTH)) return null;
    const message: unknown = JSON.parse(json);
    return isObject(message) ? message : null;
  } catch {
    return null;
  }
}

/** What a message says: its `text`, and without one the texts of its blocks and attachments, a line each. */
export function slackTextOf({ text, blocks, attachments }: SlackMessage): string {
  if (typeof text === "string" && text.trim() !== "") return text;
  const shown = [...textsIn([blocks, attachments], TEXT_KEYS)];
  return (shown.length > 0 ? shown : [...textsIn(attachments, ["fallback"])]).join("\n");
}

function* textsIn(value: unknown, keys: string[]): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== "string") yield* textsIn(inner, keys);
    else if (inner.trim() !== "" && keys.includes(key)) yield inner;
  }
}

function isObject(value: unknown): value is SlackMessage {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
