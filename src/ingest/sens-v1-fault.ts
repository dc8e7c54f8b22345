import { jsonObjectOf } from "../json-object.ts";

/** SENS's limits: recipients of a call, bytes of an LMS and of its subject in CP949. */
const MAX_RECIPIENTS = 100;
const MAX_CONTENT_BYTES = 2000;
const MAX_SUBJECT_BYTES = 40;

/** Digits, written with hyphens or spaces or without. */
const NUMBER = /^\d[\d -]{2,24}$/;
/** One that can be sent to: of one that cannot, a later try would refuse the message to all. */
const RECIPIENT = /^\d(?:[ -]{0,2}\d){7,14}$/;

/** Of a country, as SENS v2 takes it. Who leaves it out means Korea. */
const COUNTRY = /^\d{1,3}$/;

type Fields = Record<string, unknown>;

/** What may not stand in a body, and how each field is mended; in the order in which SENS v1 lists them. */
const CHECKS: [isWrong: (fields: Fields) => boolean, fault: string][] = [
  [({ type }) => !isOneOf(type, ["sms", "lms", "mms"]), "type: give SMS, LMS or MMS"],
  [
    ({ contentType }) => isGiven(contentType) && !isOneOf(contentType, ["comm", "ad"]),
    "contentType: give COMM or AD, or leave it out",
  ],
  [
    ({ countryCode }) => isGiven(countryCode) && !COUNTRY.test(String(countryCode)),
    "countryCode: give 1 to 3 digits, as 82, or leave it out",
  ],
  [({ from }) => !isNumber(from), "from: give the sender's number as a text of digits"],
  [
    ({ to }) => !Array.isArray(to) || to.length === 0 || to.length > MAX_RECIPIENTS,
    `to: give a list of 1 to ${MAX_RECIPIENTS} numbers`,
  ],
  [
    ({ to }) => !(to as unknown[]).every(isRecipient),
    "to: each number is a text of 8 to 15 digits",
  ],
  [
    ({ subject }) => isGiven(subject) && !isWithin(subject, MAX_SUBJECT_BYTES),
    `subject: give at most ${MAX_SUBJECT_BYTES} bytes of text, or leave it out`,
  ],
  [
    ({ content }) => isBlank(content) || !isWithin(content, MAX_CONTENT_BYTES),
    `content: give 1 to ${MAX_CONTENT_BYTES} bytes of text`,
  ],
  // To send at once what was to be sent later, or without its pictures, would be worse than to refuse it.
  [({ reserveTime }) => isGiven(reserveTime), "reserveTime: is not emulated; leave it out"],
  [({ files }) => isGiven(files), "files: are not emulated; leave them out"],
];

/** What is wrong with a body that was sent to SENS v1: the field and how to mend it; null when nothing is. */
export function sensV1Fault(body: Uint8Array | null): string | null {
  const fields = body && fieldsOf(body);
  if (!fields) return "The body is no JSON object in UTF-8.";
  return CHECKS.find(([isWrong]) => isWrong(fields))?.[1] ?? null;
}

function fieldsOf(body: Uint8Array): Fields | null {
  try {
    return jsonObjectOf(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body));
  } catch {
    return null;
  }
}

/** Callers write `""` for what they leave out. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

function isOneOf(value: unknown, words: string[]): boolean {
  return typeof value === "string" && words.includes(value.toLowerCase());
}

function isNumber(value: unknown): boolean {
  return typeof value === "string" && NUMBER.test(value);
}

function isRecipient(value: unknown): boolean {
  return typeof value === "string" && RECIPIENT.test(value);
}

function isBlank(value: unknown): boolean {
  return typeof value === "string" && value.trim() === "";
}

/** In CP949 ASCII has one byte, everything else two. */
function isWithin(value: unknown, maxBytes: number): boolean {
  if (typeof value !== "string" || value.length > maxBytes) return false;
  let bytes = 0;
  for (const char of value) bytes += char < "\u0080" ? 1 : 2;
  return bytes <= maxBytes;
}
