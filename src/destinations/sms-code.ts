import { mailboxName, TEXT_AGE_MS } from "../code-mailboxes/index.ts";
import { maskNumber } from "../phone-number.ts";
import { MAX_SMS_BYTES, phoneTextOf } from "../sms/index.ts";
import { OFFER_TIMEOUT_MS } from "./constants.ts";
import { startDeadline } from "./deadline.ts";
import type { AttemptInput, AttemptResult, OutgoingEvent } from "./driver.ts";
import { failure } from "./message-outcome.ts";
import { readReadable } from "./readable-body.ts";
import type { SmsCodeConfig } from "./sms-code-config.ts";

type Message = { text: string; sender: string | null };

/** A test's sample was received at no time, so that no mailbox keeps it: it shows that there is one, and is no code. */
const NEVER = 0;

/**
 * Offers the event's message to the mailbox of a phone. The delivery's id is its key there: a further try of one that
 * the mailbox has taken does nothing. When it was received counts as always, also of what is delivered again.
 */
export async function deliverSmsCode(
  { phone }: SmsCodeConfig,
  input: AttemptInput,
): Promise<AttemptResult> {
  const { event, deliveryId, organizationId, stores, sample } = input;
  const message = await messageOf(input);
  if (message === "body_missing") return { outcome: failure("body_missing", false) };
  const request = { method: "OFFER", url: `sms_code:${maskNumber(phone)}`, headers: [] };
  const sent = { request, requestBody: toBytes(masked(message?.text ?? "")) };
  if (message === null) return { outcome: failure("invalid_payload", false), ...sent };
  const receivedAt = sample ? NEVER : event.receivedAt;
  if (!sample && receivedAt <= Date.now() - TEXT_AGE_MS) {
    return { outcome: failure("rejected", false), ...sent };
  }
  const deadline = startDeadline(OFFER_TIMEOUT_MS);
  try {
    const mailbox = stores.mailboxes.getByName(mailboxName(organizationId, phone));
    const offer = mailbox.offer({ eventId: deliveryId, receivedAt, ...message });
    const { kept, challengeId } = await deadline.race(offer);
    const became = sample ? { kept, sample } : { kept, waitedFor: challengeId !== null };
    const responseBody = toBytes(JSON.stringify(became));
    const response = { status: 200, headers: [], truncated: false };
    return { outcome: { ok: true }, ...sent, response, responseBody };
  } catch {
    const reason = deadline.hasStruck() ? "timeout" : "connection_failed";
    return { outcome: failure(reason, true), ...sent };
  } finally {
    deadline.clear();
  }
}

/** What a transform made, or the event's message, else its text. Null: there is none. */
async function messageOf({
  event,
  output,
}: AttemptInput): Promise<Message | "body_missing" | null> {
  if (output?.kind === "text") return { text: output.text, sender: null };
  if (output) return forwarded("application/json", "", toBytes(JSON.stringify(output.json)));
  if (event.size > MAX_SMS_BYTES) return null;
  const body = await bodyOf(event);
  if (body === null) return "body_missing";
  const message = forwarded(event.contentType, event.query, body);
  if (message) return message;
  const readable = await readReadable({ ...event, openBody: async () => body }, true);
  return readable && readable.kind !== "note" ? { text: readable.text, sender: null } : null;
}

function forwarded(contentType: string | null, query: string, body: Uint8Array): Message | null {
  const message = phoneTextOf({ contentType, query, body });
  return message && { text: message.text, sender: message.sender };
}

async function bodyOf(event: OutgoingEvent): Promise<Uint8Array<ArrayBuffer> | null> {
  if (event.size === 0) return new Uint8Array();
  const body = await event.openBody();
  if (!(body instanceof ReadableStream)) return body;
  return new Uint8Array(await new Response(body).arrayBuffer());
}

/** For the record: without digits, and without letters where they stand with digits. Any of it may be a code. */
function masked(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[A-Za-z\d]*\d[A-Za-z\d]*/g, (found) => "*".repeat(found.length));
}

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}
