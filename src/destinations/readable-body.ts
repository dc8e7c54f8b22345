import { exceedsDepth } from "../json-depth.ts";
import { readSlackMessage, slackTextOf } from "../slack-message.ts";
import { MAX_SHOWN_BODY_BYTES } from "./constants.ts";
import type { OutgoingEvent } from "./driver.ts";
import { indentJson } from "./indent-json.ts";
import { maskedForPeople, phoneMessage } from "./phone-message.ts";
import { readCapped } from "./read-body.ts";
import { unescapeSlack } from "./slack-text.ts";

/** A body as a person reads it. */
export type Readable = {
  text: string;
  /** `code` keeps its columns, `note` is ours and not the sender's. */
  kind: "text" | "code" | "note";
  /** Bytes of the body that were not read. */
  unreadBytes: number;
};

/** Fields that hold the message when they are the only one of these in an object. */
const TEXT_FIELDS = ["message", "text", "content", "body", "msg", "sms"];

/** Deeper JSON is shown as it came. */
const MAX_INDENTED_DEPTH = 64;

/**
 * Reads the event's body as text; null when it is gone. A large one is read only as far as it is shown. Of a phone's
 * event the message alone, its codes masked unless they are to be shown.
 */
export async function readReadable(
  event: OutgoingEvent,
  showCodes = false,
): Promise<Readable | null> {
  const body = await readBody(event);
  if (body === null || showCodes) return body;
  return { ...body, text: maskedForPeople(event, body.text) };
}

async function readBody(event: OutgoingEvent): Promise<Readable | null> {
  if (event.size === 0) {
    return phoneMessage(event, null) ?? { text: "(empty body)", kind: "note", unreadBytes: 0 };
  }
  const body = await event.openBody();
  if (body === null) return null;
  if (!(body instanceof ReadableStream)) {
    const said = event.source.preset === "slack" ? slackText(body) : phoneMessage(event, body);
    return said ?? readable(body, event, 0);
  }
  const { bytes, failed } = await readCapped(body, MAX_SHOWN_BODY_BYTES);
  if (failed) throw new Error("the stored body broke off while it was read");
  return readable(bytes, event, Math.max(0, event.size - bytes.length));
}

/** What the message of a Slack source says; null when it says nothing that is text. */
function slackText(body: Uint8Array): Readable | null {
  const message = readSlackMessage(body);
  const text = message ? unescapeSlack(slackTextOf(message)) : "";
  return text.trim() === "" ? null : { text, kind: "text", unreadBytes: 0 };
}

/** Shows bytes as text, as laid-out JSON, or as a line that says what they are. */
export function readable(
  bytes: Uint8Array,
  event: Pick<OutgoingEvent, "contentType" | "size">,
  unreadBytes: number,
): Readable {
  const text = decode(bytes, event.contentType, unreadBytes > 0);
  if (text === null) {
    const note = `(${event.size} bytes, ${event.contentType ?? "no content type"})`;
    return { text: note, kind: "note", unreadBytes: 0 };
  }
  if (text.trim() === "") return { text: "(blank body)", kind: "note", unreadBytes: 0 };
  if (isForm(event.contentType) && unreadBytes === 0) return showForm(text);
  return { ...showJson(text), unreadBytes };
}

/** Text of the declared charset, UTF-8 without one; null for what is no text. */
function decode(bytes: Uint8Array, contentType: string | null, isCut: boolean): string | null {
  const charset = contentType?.match(/charset="?([\w-]+)/i)?.[1] ?? "utf-8";
  try {
    // A cut may fall inside a character: `stream` leaves its first bytes out instead of failing.
    const text = new TextDecoder(charset, { fatal: true, ignoreBOM: false }).decode(bytes, {
      stream: isCut,
    });
    return /[^\P{Cc}\t\n\r]/u.test(text) ? null : text;
  } catch {
    return null;
  }
}

function isForm(contentType: string | null): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(contentType ?? "");
}

function showForm(text: string): Readable {
  const fields = [...new URLSearchParams(text)];
  const message = messageField(Object.fromEntries(fields));
  const lines = fields.map(([name, value]) => `${name}: ${value}`);
  return { text: message ?? lines.join("\n"), kind: "text", unreadBytes: 0 };
}

function showJson(text: string): Omit<Readable, "unreadBytes"> {
  const plain = { text, kind: "text" } as const;
  if (!/^\s*[{["]/.test(text) || exceedsDepth(text, MAX_INDENTED_DEPTH)) return plain;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return plain;
  }
  if (typeof json === "string" && json.trim() !== "") return { text: json, kind: "text" };
  const message = messageField(json);
  return message === null
    ? { text: indentJson(text), kind: "code" }
    : { text: message, kind: "text" };
}

/** The one text of an object that is plainly its message, or null. */
function messageField(json: unknown): string | null {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return null;
  const texts = TEXT_FIELDS.filter((field) => Object.hasOwn(json, field)).map(
    (field) => (json as Record<string, unknown>)[field],
  );
  const [text] = texts;
  return texts.length === 1 && typeof text === "string" && text.trim() !== "" ? text : null;
}
