import { RE2JS } from "re2js";

export type LineTest = (text: string) => boolean;

/**
 * The test that `--match` names: `/…/` or `/…/i` is a regex of RE2 syntax (linear in the line, and its cache is
 * bounded), anything else is a text to be found. Throws an Error that says what is wrong with a regex.
 */
export function readLineTest(match: string): LineTest {
  const found = /^\/(.+)\/(i?)$/s.exec(match);
  if (!found?.[1]) {
    if (match === "") throw new Error("An empty text matches every line; to mean that, give /.*/");
    return (text) => text.includes(match);
  }
  try {
    const regex = RE2JS.compile(found[1], found[2] ? RE2JS.CASE_INSENSITIVE : 0);
    return (text) => regex.test(text);
  } catch (error) {
    throw new Error(`${match} is not a regex of RE2 syntax: ${(error as Error).message}`);
  }
}
