import iconv from "iconv-lite";
import { badRequest } from "./sens-refusals.ts";
import { isObject, type Json } from "./serve.ts";

/** A message of one recipient, as it was asked for. */
export type SensRecipient = { to: string; content: string; subject?: string };

const MAX_RECIPIENTS = 100;
const LIMITS: Record<string, number> = { SMS: 90, LMS: 2000, MMS: 2000 };
const MAX_SUBJECT_BYTES = 40;

/** Checks a payload of `POST …/messages` field by field, and gives its recipients. */
export function checkMessage(payload: Json, registered: string): SensRecipient[] {
  const {
    type,
    contentType = "COMM",
    countryCode = "82",
    from,
    subject,
    content,
    messages,
  } = payload;
  const limit = typeof type === "string" ? LIMITS[type.toUpperCase()] : undefined;
  if (typeof type !== "string" || limit === undefined)
    throw badRequest("type is no SMS, LMS or MMS");
  if (contentType !== "COMM" && contentType !== "AD") throw badRequest("contentType");
  if (typeof countryCode !== "string" || !/^\d{1,3}$/.test(countryCode)) {
    throw badRequest("countryCode");
  }
  if (typeof from !== "string" || !/^\d+$/.test(from)) throw badRequest("from is not digits alone");
  if (from !== registered) throw badRequest("from is no registered calling number");
  if (typeof content !== "string") throw badRequest("content is missing");
  if (!Array.isArray(messages) || messages.length === 0) throw badRequest("messages is empty");
  if (messages.length > MAX_RECIPIENTS) throw badRequest(`${messages.length} messages`);
  const isShort = type.toUpperCase() === "SMS";
  if (countryCode !== "82" && !isShort) throw badRequest("abroad takes SMS alone");
  return messages.map((message: unknown) => {
    if (!isObject(message)) throw badRequest("a message is no object");
    const { to, content: own = content, subject: ownSubject = subject } = message;
    if (typeof to !== "string" || !/^\d+$/.test(to)) throw badRequest("to is not digits alone");
    if (typeof own !== "string" || own === "") throw badRequest("content is no text");
    if (bytesOf(own) > limit) throw badRequest(`content has ${bytesOf(own)} bytes, over ${limit}`);
    if (ownSubject === undefined) return { to, content: own };
    if (typeof ownSubject !== "string") throw badRequest("subject is no text");
    if (isShort && ownSubject !== "") throw badRequest("an SMS has no subject");
    if (bytesOf(ownSubject) > MAX_SUBJECT_BYTES) throw badRequest("subject is too long");
    return { to, content: own, subject: ownSubject };
  });
}

/** What SENS makes of other characters is not documented; nobody should find out at a customer's phone. */
function bytesOf(text: string): number {
  const bytes = iconv.encode(text, "cp949");
  if (iconv.decode(bytes, "cp949") !== text) throw badRequest("a character has no code in EUC-KR");
  return bytes.length;
}
