import jsonata from "jsonata";
import { MAX_DIVIDED_CHARS, MAX_PICTURE_CHARS } from "./constants.ts";
import { StepFailure } from "./failure.ts";
import type { Meter } from "./meter.ts";

type Guard = { signature: string; check: (meter: Meter, args: readonly unknown[]) => void };
type Native = (this: unknown, ...args: unknown[]) => unknown;

/** Comparisons of whole values that count as one unit of work. */
const COMPARISONS_PER_UNIT = 64;

/** Functions of the library whose cost shows neither in the nodes evaluated nor in what they are given. */
const GUARDS: Record<string, Guard> = {
  pad: {
    signature: "<s-ns?:s>",
    // The padding is first made of as many whole `char`s.
    check: (_, [, width, char]) =>
      assertDivisible(Math.abs(Number(width)) * Math.max(1, lengthOf(char))),
  },
  length: {
    signature: "<s-:n>",
    check: (_, [text]) => assertDivisible(lengthOf(text)),
  },
  substring: {
    signature: "<s-nn?:s>",
    check: (_, [text]) => assertDivisible(lengthOf(text)),
  },
  join: {
    signature: "<a<s>s?:s>",
    check: (meter, [texts, separator]) => {
      const count = Array.isArray(texts) ? texts.length : 1;
      meter.assertSize(meter.sizeOf(texts) + count * meter.sizeOf(separator));
    },
  },
  replace: {
    signature: "<s-(sf)(sf)n?:s>",
    // By a regex each match counts already.
    check: (meter, [text, pattern, replacement, limit]) => {
      if (typeof pattern !== "string") return;
      const count = countPieces(meter, text, pattern, limit);
      const added = typeof replacement === "string" ? replacement.length : 0;
      meter.assertSize(meter.sizeOf(text) + count * (added - pattern.length));
    },
  },
  split: {
    signature: "<s-(sf)n?:a<s>>",
    check: (meter, [text, separator, limit]) => {
      if (separator === "") assertDivisible(lengthOf(text));
      if (typeof separator === "string") countPieces(meter, text, separator, limit);
    },
  },
  string: {
    signature: "<x-b?:s>",
    // What is laid out over lines may be several times as long.
    check: (meter, [value]) => meter.spend(meter.sizeOf(value) / COMPARISONS_PER_UNIT),
  },
  sort: {
    signature: "<af?:a>",
    check: (meter, [list]) => {
      if (Array.isArray(list)) meter.spend(list.length * Math.log2(list.length + 1));
    },
  },
  fromMillis: { signature: "<n-s?s?:s>", check: shortPictures },
  formatNumber: { signature: "<n-so?:s>", check: shortPictures },
  formatInteger: { signature: "<n-s:s>", check: shortPictures },
  parseInteger: { signature: "<s-s:n>", check: shortPictures },
  distinct: {
    signature: "<x:x>",
    check: (meter, [list]) => {
      if (Array.isArray(list)) meter.spend(list.length ** 2 / COMPARISONS_PER_UNIT);
    },
  },
  toMillis: {
    signature: "<s-s?:n>",
    check: (_, [, picture]) => {
      // The library makes a backtracking regex of it.
      if (picture === undefined) return;
      throw new StepFailure("gives $toMillis a picture, which is not available; it reads RFC 3339");
    },
  },
  eval: {
    signature: "<sx?:x>",
    check: () => {
      throw new StepFailure("calls $eval, which is not available");
    },
  },
};

function shortPictures(_: Meter, args: readonly unknown[]): void {
  const isLong = (text: unknown) => typeof text === "string" && text.length > MAX_PICTURE_CHARS;
  if (!args.some(isLong)) return;
  throw new StepFailure(`has a picture of over ${MAX_PICTURE_CHARS} characters`);
}

/** Puts guards before those functions, in this expression only. */
export async function guardFunctions(parsed: jsonata.Expression, meter: Meter): Promise<void> {
  for (const [name, { signature, check }] of Object.entries(GUARDS)) {
    const native = await nativeOf(name);
    parsed.registerFunction(
      name,
      function (this: unknown, ...args: unknown[]) {
        check(meter, args);
        return native.apply(this, args);
      },
      signature,
    );
  }
  // The library binds its own to each expression.
  const fromMillis = await nativeOf("fromMillis");
  const now = Date.now();
  parsed.registerFunction(
    "now",
    function (this: unknown, ...pictures: unknown[]) {
      shortPictures(meter, [now, ...pictures]);
      return fromMillis.apply(this, [now, ...pictures]);
    },
    "<s?s?:s>",
  );
}

/** How often `part` stands in a text, as far as the function looks for it; each time is work. */
function countPieces(meter: Meter, text: unknown, part: string, limit: unknown): number {
  if (typeof text !== "string") return 0;
  if (part === "") return 0;
  const most = typeof limit === "number" ? limit : text.length;
  let count = 0;
  for (let at = text.indexOf(part); at >= 0 && count < most; count++) {
    meter.spend(1);
    at = text.indexOf(part, at + part.length);
  }
  return count;
}

function lengthOf(text: unknown): number {
  return typeof text === "string" ? text.length : 0;
}

/** A text that the library divides into its characters takes many times its own size. */
function assertDivisible(chars: number): void {
  if (chars <= MAX_DIVIDED_CHARS) return;
  throw new StepFailure(`works on a text of over ${MAX_DIVIDED_CHARS} characters; keep less of it`);
}

const natives = new Map<string, Native>();

async function nativeOf(name: string): Promise<Native> {
  const known = natives.get(name);
  if (known) return known;
  const { implementation } = (await jsonata(`$${name}`).evaluate(null)) as {
    implementation: Native;
  };
  natives.set(name, implementation);
  return implementation;
}
