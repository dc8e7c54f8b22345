import { isObject } from "../json-object.ts";
import { dialled, isNumber } from "../phone-number.ts";
import { MAX_SMS_BYTES } from "./constants.ts";
import { byteLength, encodable } from "./cp949.ts";
import { textOf } from "./read-json.ts";
import {
  checkLengths,
  invalid,
  isCountryCode,
  readContentType,
  type SensMessage,
  type SensProblem,
  type SensRecipient,
} from "./sens-check.ts";
import type { SensConfig } from "./sens-config.ts";

const FIELDS = [
  "type",
  "contentType",
  "countryCode",
  "from",
  "subject",
  "content",
  "messages",
  "files",
  "reserveTime",
  "reserveTimeZone",
];
const TEXTS = [
  "countryCode",
  "from",
  "subject",
  "content",
  "reserveTime",
  "reserveTimeZone",
] as const;
type Texts = Partial<Record<(typeof TEXTS)[number], string>>;

/** A whole payload of v2, what it leaves out filled from the config. It is sent as it is meant, or not at all. */
export function fromPayload(config: SensConfig, json: unknown): SensMessage | SensProblem {
  if (!isObject(json)) return invalid("the payload is no JSON object");
  const unknown = Object.keys(json).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) return invalid(`${unknown}: is no field of SENS v2`);
  const contentType = readContentType(json.contentType);
  if (contentType === null) return invalid("contentType: use COMM or AD");
  for (const name of TEXTS) {
    const value = json[name];
    if (value !== undefined && typeof value !== "string") return invalid(`${name}: is no text`);
  }
  const { countryCode, from, subject, content, reserveTime, reserveTimeZone } = json as Texts;
  if (countryCode !== undefined && !isCountryCode(countryCode)) {
    return invalid("countryCode: use digits, as 82");
  }
  if (reserveTime !== undefined && !/^\d{4}-\d\d-\d\d \d\d:\d\d$/.test(reserveTime)) {
    return invalid("reserveTime: use YYYY-MM-DD HH:mm");
  }
  const sender = dialled(from ?? config.from);
  if (!isNumber(sender)) return invalid("from: is no telephone number");
  const files = readFiles(json.files);
  if (files === null) return invalid('files: use a list of {"fileId": "…"}');
  const recipients = readRecipients(json.messages, config.to);
  if (typeof recipients === "string") return invalid(recipients);
  const text = encodable(content ?? "");
  const type = readType(config, json.type, [text, ...recipients.map((one) => one.content ?? "")], {
    subject,
    files,
  });
  if (type === null) return invalid("type: use SMS, LMS or MMS");
  return checkLengths({
    type,
    contentType,
    ...(countryCode !== undefined && { countryCode }),
    from: sender,
    ...(subject && { subject: encodable(subject) }),
    content: text,
    ...(files.length > 0 && { files }),
    ...(reserveTime !== undefined && { reserveTime }),
    ...(reserveTimeZone !== undefined && { reserveTimeZone }),
    messages: recipients,
  });
}

function readType(
  config: SensConfig,
  given: unknown,
  texts: string[],
  { subject, files }: { subject?: string; files: object[] },
): SensMessage["type"] | null {
  if (given !== undefined) {
    const type = textOf(given).toUpperCase();
    return type === "SMS" || type === "LMS" || type === "MMS" ? type : null;
  }
  if (files.length > 0) return "MMS";
  if (config.type !== "auto") return config.type;
  return subject || texts.some((text) => byteLength(text) > MAX_SMS_BYTES) ? "LMS" : "SMS";
}

function readFiles(value: unknown): { fileId: string }[] | null {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return null;
  const files = value.map((file: unknown) => (isObject(file) ? file.fileId : undefined));
  return files.every((id) => typeof id === "string") ? files.map((fileId) => ({ fileId })) : null;
}

/** The recipients, or what is wrong with them. */
function readRecipients(value: unknown, configured: string[]): SensRecipient[] | string {
  if (value === undefined) return configured.map((to) => ({ to }));
  if (!Array.isArray(value)) return "messages: is no list";
  const recipients: SensRecipient[] = [];
  for (const [i, one] of value.entries()) {
    const at = `messages[${i}]`;
    if (!isObject(one) || typeof one.to !== "string") return `${at}.to: give a telephone number`;
    for (const name of Object.keys(one)) {
      if (!["to", "content", "subject"].includes(name))
        return `${at}.${name}: is no field of SENS v2`;
      if (typeof one[name] !== "string") return `${at}.${name}: is no text`;
    }
    const { to, content, subject } = one as Record<string, string>;
    recipients.push({
      to: dialled(to ?? ""),
      ...(content !== undefined && { content: encodable(content) }),
      ...(subject && { subject: encodable(subject) }),
    });
  }
  return recipients;
}
