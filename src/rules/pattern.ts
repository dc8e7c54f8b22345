import { RE2JS } from "re2js";
import { MAX_REGEX_CHARS, MAX_REGEX_INSTRUCTIONS } from "./constants.ts";

export type TextTest = (text: string) => boolean;

/**
 * A test for a glob in which `*` stands for any run of characters, `/` too; all else is literal.
 * Pieces are searched from left to right and never again, so there is no backtracking.
 */
export function globTest(pattern: string): TextTest {
  const pieces = pattern.split("*");
  const [first = "", ...middle] = pieces;
  const last = middle.pop();
  if (last === undefined) return (text) => text === pattern;
  return (text) => {
    if (text.length < first.length + last.length) return false;
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}

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
