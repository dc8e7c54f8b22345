import { isNumber } from "../phone-number.ts";
import {
  MAX_LMS_BYTES,
  MAX_LMS_SUBJECT_BYTES,
  MAX_SENS_RECIPIENTS,
  MAX_SMS_BYTES,
} from "./constants.ts";
import { byteLength } from "./cp949.ts";
import { textOf } from "./read-json.ts";

/** One recipient; text and subject of its own only in a payload that gives them. */
export type SensRecipient = { to: string; content?: string; subject?: string };

/** What is sent to SENS v2, before it is divided into calls. */
export type SensMessage = {
  type: "SMS" | "LMS" | "MMS";
  contentType: "COMM" | "AD";
  countryCode?: string;
  from: string;
  subject?: string;
  content: string;
  files?: { fileId: string }[];
  reserveTime?: string;
  reserveTimeZone?: string;
  messages: SensRecipient[];
};

/** Why nothing can be sent, in words. */
export type SensProblem = {
  reason: "body_missing" | "invalid_payload" | "no_recipient";
  problem: string;
};

/** True when there is something to send. */
export function isMessage(planned: SensMessage | SensProblem): planned is SensMessage {
  return "messages" in planned;
}

/** The text that a recipient gets. */
export function contentFor(message: SensMessage, recipient: SensRecipient): string {
  return recipient.content ?? message.content;
}

/** `COMM` unless it is said otherwise; null for what is neither kind. */
export function readContentType(value: unknown): "COMM" | "AD" | null {
  if (value === undefined || value === null || value === "") return "COMM";
  const text = textOf(value).toUpperCase();
  return text === "COMM" || text === "AD" ? text : null;
}

export function isCountryCode(text: string): boolean {
  return /^\d{1,3}$/.test(text);
}

/** True for numbers outside Korea, where SENS sends SMS alone. */
export function isAbroad(countryCode: string | undefined): boolean {
  return countryCode !== undefined && countryCode !== "82";
}

/** Checks the lengths of a payload that is sent as it is meant, or not at all. */
export function checkLengths(message: SensMessage): SensMessage | SensProblem {
  const isShort = message.type === "SMS";
  const limit = isShort ? MAX_SMS_BYTES : MAX_LMS_BYTES;
  if (!isShort && isAbroad(message.countryCode)) {
    return invalid(`countryCode: abroad takes SMS of ${MAX_SMS_BYTES} bytes alone`);
  }
  for (const recipient of [{ to: "" }, ...message.messages] as SensRecipient[]) {
    const text = contentFor(message, recipient);
    const subject = recipient.subject ?? message.subject ?? "";
    if (isShort && subject) return invalid("subject: an SMS has none; leave it out, or use LMS");
    if (byteLength(subject) > MAX_LMS_SUBJECT_BYTES) {
      return invalid(`subject: has more than ${MAX_LMS_SUBJECT_BYTES} bytes of EUC-KR`);
    }
    if (byteLength(text) > limit) {
      const remedy = isShort ? "; leave `type` out, or use LMS" : "";
      const size = byteLength(text);
      return invalid(
        `content: has ${size} bytes of EUC-KR, ${message.type} takes ${limit}${remedy}`,
      );
    }
  }
  const isEmpty = message.messages.some((one) => contentFor(message, one).trim() === "");
  return isEmpty ? invalid("content: there is no text") : checkRecipients(message);
}

/** Checks the numbers, and leaves out what is there twice. */
export function checkRecipients(message: SensMessage): SensMessage | SensProblem {
  const byNumber = new Map<string, SensRecipient>();
  for (const [i, one] of message.messages.entries()) {
    if (!isNumber(one.to)) return invalid(`recipient ${i + 1}: is no telephone number`);
    const known = byNumber.get(one.to);
    if (known && contentFor(message, known) !== contentFor(message, one)) {
      return invalid(`recipient ${i + 1}: is there twice with different texts`);
    }
    byNumber.set(one.to, known ?? one);
  }
  if (byNumber.size === 0) {
    const problem = "there is no recipient: neither the destination nor the message names one";
    return { reason: "no_recipient", problem };
  }
  if (byNumber.size > MAX_SENS_RECIPIENTS) {
    return invalid(`there are ${byNumber.size} recipients; ${MAX_SENS_RECIPIENTS} can be sent to`);
  }
  return { ...message, messages: [...byNumber.values()] };
}

export function invalid(problem: string): SensProblem {
  return { reason: "invalid_payload", problem };
}
