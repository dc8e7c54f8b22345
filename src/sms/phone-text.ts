import { formFields } from "./decode-text.ts";
import { maskCodes } from "./mask-codes.ts";
import { parseSms } from "./parse-sms.ts";
import type { Sms } from "./sms-fields.ts";
import { namedFields, type SmsText, smsTextOf } from "./sms-text.ts";

/** A request as a phone sent it. */
export type Forwarded = {
  contentType: string | null;
  /** Raw query without `?`. */
  query: string;
  body: Uint8Array | null;
};

/**
 * The message that a phone forwards: in the body, else in the query (`?message=…`), which also tells what the body
 * leaves out. Null when neither holds one.
 */
export function phoneTextOf({ contentType, query, body }: Forwarded): SmsText | null {
  const inBody = body && smsTextOf(contentType, body);
  const { text, ...facts } = namedFields(new Map(formFields(query)));
  if (!inBody) return text === null ? null : { text, ...facts };
  const { sender, name, receivedAt, id } = inBody;
  return {
    text: inBody.text,
    sender: sender ?? facts.sender,
    name: name ?? facts.name,
    receivedAt: receivedAt ?? facts.receivedAt,
    id: id ?? facts.id,
  };
}

/** What that message says; `receivedAt` in milliseconds UTC. Null when there is none. */
export function phoneSmsOf(request: Forwarded & { receivedAt: number }): Sms | null {
  const message = phoneTextOf(request);
  if (!message) return null;
  const { text, sender } = message;
  const { receivedAt } = request;
  return parseSms({ text, sender: sender ?? undefined, receivedAt, isPhone: true });
}

/** Replaces the codes of that message in a text; null when it has none. */
export function phoneMask(
  request: Forwarded & { receivedAt: number },
): ((text: string) => string) | null {
  const sms = phoneSmsOf(request);
  return sms && maskCodes(sms);
}
