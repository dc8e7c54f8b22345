import { exceedsDepth } from "../json-depth.ts";
import { MAX_SMS_BYTES, MAX_SMS_JSON_DEPTH } from "./constants.ts";
import { decodeText, formFields, multipartFields } from "./decode-text.ts";
import { repairedFields } from "./repair-json.ts";

/** A message as a phone forwards it. What the phone does not say is null. */
export type SmsText = {
  text: string;
  sender: string | null;
  name: string | null;
  /** As the phone wrote it. */
  receivedAt: string | null;
  /** The forwarder's own id of the message. */
  id: string | null;
};

/** What forwarding apps call the fields; of several the first that is there. */
const ALIASES = {
  text: ["message", "text", "content", "body", "msg", "sms"],
  sender: ["from", "sender", "phoneNumber", "number", "address"],
  name: ["name", "contact"],
  receivedAt: ["receivedAt", "timestamp", "date"],
  id: ["messageId", "smsId", "id"],
} satisfies Record<keyof SmsText, string[]>;
const NAMES: ReadonlySet<string> = new Set(Object.values(ALIASES).flat());

type Fields = ReadonlyMap<string, unknown>;

/**
 * The message in a forwarder's body: JSON whatever it is labelled (also when a template broke it), a form, or plain
 * text. Null when there is none: an empty body, JSON without a field for text, bytes that are no text, over 64 KiB.
 */
export function smsTextOf(contentType: string | null, bytes: Uint8Array): SmsText | null {
  if (bytes.byteLength > MAX_SMS_BYTES) return null;
  const text = decodeText(bytes);
  if (text === null) return null;
  const type = contentType?.toLowerCase() ?? "";
  const start = text.trimStart()[0];
  if (start === "{" || start === '"' || type.includes("json")) return fromJson(text);
  if (type.startsWith("multipart/form-data")) {
    return fromFields(new Map(multipartFields(contentType ?? "", text)));
  }
  if (type.startsWith("application/x-www-form-urlencoded")) {
    const form = fromFields(new Map(formFields(text)));
    // Some tools label everything so, plain text too.
    if (form || /^[\w.-]{1,60}=/.test(text)) return form;
  }
  return plain(text);
}

function fromJson(text: string): SmsText | null {
  if (exceedsDepth(text, MAX_SMS_JSON_DEPTH)) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    const repaired = text.trimStart().startsWith("{")
      ? fromFields(new Map(repairedFields(text, NAMES)))
      : null;
    return repaired ?? plain(text);
  }
  if (typeof json === "string" || typeof json === "number") return plain(String(json));
  return fromObject(json);
}

/** The object's own fields first, then those of an object in it (`payload`). */
function fromObject(json: unknown): SmsText | null {
  if (typeof json !== "object" || json === null) return null;
  const own = fromFields(new Map(Object.entries(json)));
  if (own) return own;
  for (const inner of Object.values(json)) {
    if (typeof inner !== "object" || inner === null) continue;
    const found = fromFields(new Map(Object.entries(inner)));
    if (found) return found;
  }
  return null;
}

function fromFields(fields: Fields): SmsText | null {
  const { text, ...facts } = namedFields(fields);
  return text === null ? null : { text, ...facts };
}

/** What the fields say under any of their names. */
export function namedFields(fields: Fields): Record<keyof SmsText, string | null> {
  return {
    text: first(fields, ALIASES.text),
    sender: first(fields, ALIASES.sender),
    name: first(fields, ALIASES.name),
    receivedAt: first(fields, ALIASES.receivedAt),
    id: first(fields, ALIASES.id),
  };
}

/** Numbers count as text: a template without quotes sends a code or a phone number so. */
function first(fields: Fields, names: string[]): string | null {
  for (const name of names) {
    const value = fields.get(name);
    if (typeof value === "number") return String(value);
    if (typeof value === "string" && value.trim() !== "") return value;
  }
  return null;
}

function plain(text: string): SmsText | null {
  if (text.trim() === "") return null;
  return { text, sender: null, name: null, receivedAt: null, id: null };
}
