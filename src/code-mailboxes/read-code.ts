import { RE2JS } from "re2js";
import { dialled } from "../phone-number.ts";
import { normalise, parseSms } from "../sms/index.ts";
import { MAX_CODE_CHARS, MAX_PATTERN_CHARS, MAX_PATTERN_INSTRUCTIONS } from "./constants.ts";
import type { Challenge } from "./rpc.ts";

type Message = { text: string; sender: string | null; receivedAt: number };

/**
 * The code that a message has for a challenge, without what groups it; null when it has none. Who sent it and the
 * portal's pattern count only when the forwarder said who sent it: digits alone are a code too. Time is linear in the
 * text.
 */
export function readCode(
  { text, sender, receivedAt }: Message,
  { senders, pattern }: Pick<Challenge, "senders" | "pattern">,
): string | null {
  if (sender !== null) {
    const number = plainSender(sender);
    if (senders.length > 0 && !senders.some((known) => plainSender(known) === number)) return null;
    if (pattern !== null) return codeByPattern(text, pattern);
  }
  const sms = parseSms({ text, sender: sender ?? undefined, receivedAt, isPhone: true });
  return sms.kind === "otp" ? sms.code : null;
}

/** Also of one that is a word: `배민`, `BAEMIN`. */
function plainSender(sender: string): string {
  return dialled(sender.normalize("NFKC")).toLowerCase();
}

/** As it was sent, else as the extraction reads it: patterns are written after either. */
function codeByPattern(text: string, pattern: string): string | null {
  const regex = compile(pattern);
  if (!regex) return null;
  for (const form of [text, normalise(text)]) {
    const matcher = regex.matcher(form);
    if (!matcher.find()) continue;
    const isNamed = Object.hasOwn(regex.namedGroups(), "code");
    const group = isNamed ? "code" : matcher.groupCount() > 0 ? 1 : 0;
    const code = (matcher.group(group) ?? "").replace(/[\s-]/g, "");
    if (code !== "" && code.length <= MAX_CODE_CHARS) return code;
  }
  return null;
}

function compile(pattern: string): RE2JS | null {
  if (pattern.length > MAX_PATTERN_CHARS) return null;
  try {
    const regex = RE2JS.compile(pattern);
    return regex.programSize() <= MAX_PATTERN_INSTRUCTIONS ? regex : null;
  } catch {
    return null;
  }
}
