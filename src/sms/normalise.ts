import { MAX_SMS_CHARS } from "./constants.ts";

/** Zero-width characters, soft hyphens and direction marks: senders break filters with them. */
const INVISIBLE =
  /[\u{ad}\u{61c}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180e}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{3164}\u{feff}]|\p{Variation_Selector}|\u{34f}/gu;
/** What carriers put before a message that did not come from a phone. */
const CARRIER_PREFIX = /^\[ ?(?:Web|WEB|웹|국외|국제|해외) ?발신 ?\][ \n]?/;

/** A message as the extraction reads it: NFKC, visible characters only, single spaces, `\n` between lines. */
export function normalise(text: string): string {
  let plain = text
    .slice(0, MAX_SMS_CHARS)
    .normalize("NFKC")
    .replace(INVISIBLE, "")
    .replace(/\r\n?/g, "\n")
    // Every other control character and kind of space is one space.
    .replace(/[^\P{Cc}\n]|[^\S\n]/gu, " ")
    .replace(/ {2,}/g, " ")
    .replace(/ ?\n[ \n]*/g, "\n")
    .trim();
  while (CARRIER_PREFIX.test(plain)) plain = plain.replace(CARRIER_PREFIX, "");
  return plain;
}
