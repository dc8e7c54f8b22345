import { type Matcher, RE2JS } from "re2js";
import { MAX_REGEX_CHARS, MAX_REGEX_INSTRUCTIONS } from "./constants.ts";
import { StepFailure } from "./failure.ts";
import type { Meter } from "./meter.ts";

/** Characters looked at, times instructions, that count as one unit of work. */
const LOOKS_PER_UNIT = 1024;

/** Compiles a regex as RE2; throws StepFailure when it cannot be, or is too large. */
export function compileRegex({ source, flags }: RegExp): RE2JS {
  if (source.length > MAX_REGEX_CHARS) {
    throw new StepFailure(`has a regex of over ${MAX_REGEX_CHARS} characters`);
  }
  const bits =
    (flags.includes("i") ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.includes("m") ? RE2JS.MULTILINE : 0);
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source, bits);
  } catch (error) {
    throw new StepFailure(`has a regex that is not of RE2 syntax: ${(error as Error).message}`);
  }
  if (compiled.programSize() > MAX_REGEX_INSTRUCTIONS) {
    throw new StepFailure(`has a regex of over ${MAX_REGEX_INSTRUCTIONS} instructions`);
  }
  return compiled;
}

/**
 * What JSONata uses instead of `RegExp`, which backtracks: time linear in the text. It is asked for `exec` with
 * `lastIndex` only.
 */
export function linearRegexEngine(meter: Meter): RegExpConstructor {
  class LinearRegex {
    lastIndex = 0;
    readonly #regex: RE2JS;
    #matcher: Matcher | null = null;
    #text = "";

    constructor(regex: RegExp) {
      this.#regex = compileRegex(regex);
    }

    exec(text: string): (RegExpExecArray & { index: number }) | null {
      const from = this.lastIndex;
      if (!this.#matcher || this.#text !== text) {
        this.#matcher = this.#regex.matcher(text);
        this.#text = text;
      }
      const isFound = from <= text.length && this.#matcher.find(from);
      const end = isFound ? this.#matcher.end() : text.length;
      meter.spend(1 + ((end - from) * this.#regex.programSize()) / LOOKS_PER_UNIT);
      if (!isFound) {
        this.lastIndex = 0;
        return null;
      }
      this.lastIndex = end;
      return this.#groups(this.#matcher);
    }

    #groups(matcher: Matcher) {
      const groups: (string | undefined)[] = [];
      for (let i = 0; i <= matcher.groupCount(); i++) groups.push(matcher.group(i) ?? undefined);
      return Object.assign(groups, { index: matcher.start() }) as RegExpExecArray;
    }
  }
  return LinearRegex as unknown as RegExpConstructor;
}
