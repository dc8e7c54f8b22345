import { RE2JS } from "re2js";
import type { TextTest } from "../glob.ts";
import { MAX_REGEX_CHARS, MAX_REGEX_INSTRUCTIONS } from "./constants.ts";

/**
 * A test that finds a regex of RE2 syntax anywhere in a text, in time linear in the text.
 * Not kept beyond its match: a compiled regex owns a cache of states that grows with what it has read.
 */
export function regexTest(pattern: string): TextTest | { refused: string } {
  if (pattern.length > MAX_REGEX_CHARS) {
    return { refused: `is longer than ${MAX_REGEX_CHARS} characters` };
  }
  try {
    const regex = RE2JS.compile(pattern);
    if (regex.programSize() > MAX_REGEX_INSTRUCTIONS) {
      return {
        refused: `needs ${regex.programSize()} instructions, ${MAX_REGEX_INSTRUCTIONS} at most; use smaller repetitions than {m,n} here`,
      };
    }
    return (text) => regex.test(text);
  } catch (error) {
    return { refused: `is not a regex of RE2 syntax: ${(error as Error).message}` };
  }
}
