import { parseSms } from "../../src/sms/index.ts";

/** A message that comes in on 20 March 2026 at noon in Seoul, unless it says otherwise. */
export function read(text: string, receivedAt = "2026-03-20T12:00:00+09:00") {
  return parseSms({ text, receivedAt: Date.parse(receivedAt) });
}
