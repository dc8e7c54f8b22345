import { MAX_SMS_CHARS } from "./constants.ts";
import { normalise } from "./normalise.ts";
import type { SmsText } from "./sms-text.ts";

/**
 * Equal for one message that came twice. A forwarder's id and time count: two real payments of one amount have the same
 * text. How spaces and line ends are written does not.
 */
export function messageKey({ text, sender, receivedAt, id }: SmsText): string {
  return JSON.stringify([sender, receivedAt, id, normalise(text), text.slice(MAX_SMS_CHARS)]);
}
