import { RE2JS } from "re2js";
import { TailFault } from "./notice.ts";

export type LineTest = (text: string) => boolean;

/**
 * The test that `--match` names: `/…/` or `/…/i` is a regex of RE2 syntax (linear in the line, and its cache is
 * bounded), anything else is a text to be found. Throws a TailFault that says what is wrong with a regex.
 */
export function readLineTest(match: string): LineTest {
  const flags = /^\/.+\/([dgimsuvy]{1,6})$/s.exec(match)?.[1] ?? "";
  // Taken for a text it would match nothing, and nobody would know.
  if (flags && flags !== "i") throw new TailFault({ code: "bad_flags", match, flags });
  const found = /^\/(.+)\/(i?)$/s.exec(match);
  if (!found?.[1]) {
    if (match === "") throw new TailFault({ code: "empty_match" });
    return (text) => text.includes(match);
  }
  try {
    const regex = RE2JS.compile(found[1], found[2] ? RE2JS.CASE_INSENSITIVE : 0);
    return (text) => regex.test(text);
  } catch (error) {
    throw new TailFault({ code: "bad_regex", match, reason: (error as Error).message });
  }
}
