import { compareText, decimalOf, isObject, sameJson } from "./compare.ts";
import { MAX_LISTED_VALUES, MAX_VALUE_DEPTH } from "./constants.ts";
import { preview } from "./describe.ts";
import { regexTest } from "./pattern.ts";

/** `json` holds values of every type; `text` (query and headers) holds text that may spell a number. */
export type Domain = "json" | "text";

export const LOGICAL_OPERATORS = ["$and", "$or", "$not"] as const;
export type LogicalOperator = (typeof LOGICAL_OPERATORS)[number];

type ValueTest = (value: unknown) => boolean;
type Refusal = { refused: string };

type OperatorSpec = {
  /** Makes the test of one value, or says what is wrong with the operand. */
  make: (operand: unknown, domain: Domain) => ValueTest | Refusal;
  /** The condition in words, from the operand's JSON. */
  words: (operand: string) => string;
  /** `any`: some value at the place passes. `none`: no value does, so a missing one is fine. */
  over: "any" | "none";
};

export const OPERATORS = {
  $eq: { make: equal, words: (v) => `equals ${v}`, over: "any" },
  $neq: { make: equal, words: (v) => `does not equal ${v}`, over: "none" },
  $gt: { make: ordered((order) => order > 0), words: (v) => `greater than ${v}`, over: "any" },
  $gte: { make: ordered((order) => order >= 0), words: (v) => `at least ${v}`, over: "any" },
  $lt: { make: ordered((order) => order < 0), words: (v) => `less than ${v}`, over: "any" },
  $lte: { make: ordered((order) => order <= 0), words: (v) => `at most ${v}`, over: "any" },
  $in: { make: listed, words: (v) => `one of ${v}`, over: "any" },
  $nin: { make: listed, words: (v) => `none of ${v}`, over: "none" },
  $startsWith: {
    make: affix((text, part) => text.startsWith(part)),
    words: (v) => `starts with ${v}`,
    over: "any",
  },
  $endsWith: {
    make: affix((text, part) => text.endsWith(part)),
    words: (v) => `ends with ${v}`,
    over: "any",
  },
  $contains: { make: contains, words: (v) => `contains ${v}`, over: "any" },
  $regex: { make: regex, words: (v) => `matches the regex ${v}`, over: "any" },
} satisfies Record<string, OperatorSpec>;

export type ValueOperator = keyof typeof OPERATORS;

/** Every operator, as error texts and the OpenAPI document list them. */
export const OPERATOR_NAMES = [...Object.keys(OPERATORS), "$exist", ...LOGICAL_OPERATORS];

/** The test of all values found at a place, with the condition in words; or what is wrong with the operand. */
export function operatorTest(
  operator: ValueOperator | "$exist",
  operand: unknown,
  domain: Domain,
): { holds: (values: readonly unknown[]) => boolean; expected: string } | Refusal {
  if (operator === "$exist") return existence(operand);
  const spec: OperatorSpec = OPERATORS[operator];
  const flaw = flawOf(operand, MAX_VALUE_DEPTH);
  if (flaw) return { refused: flaw };
  const test = spec.make(operand, domain);
  if (typeof test !== "function") return test;
  return {
    holds: (values) => somePasses(values, test) === (spec.over === "any"),
    expected: spec.words(preview(operand)),
  };
}

/** A list at a place passes as itself, or by any of its elements. */
function somePasses(values: readonly unknown[], test: ValueTest): boolean {
  return values.some(
    (value) => test(value) || (Array.isArray(value) && value.some((item) => test(item))),
  );
}

function existence(operand: unknown) {
  if (typeof operand !== "boolean") return { refused: "needs true or false" };
  return {
    holds: (values: readonly unknown[]) => values.length > 0 === operand,
    expected: operand ? "is present" : "is missing",
  };
}

function equal(operand: unknown, domain: Domain): ValueTest | Refusal {
  if (domain === "json") return (value) => sameJson(value, operand);
  if (typeof operand === "string") return (value) => value === operand;
  if (typeof operand === "number") return (value) => decimalOf(String(value)) === operand;
  if (operand === null) {
    return {
      refused: 'is null, but values here are text; for a missing one use {"$exist": false}',
    };
  }
  return { refused: "needs text or a number: values here are text" };
}

function ordered(accept: (order: number) => boolean) {
  return (operand: unknown, domain: Domain): ValueTest | Refusal => {
    if (typeof operand === "string") {
      return (value) => typeof value === "string" && accept(compareText(value, operand));
    }
    if (typeof operand !== "number") return { refused: "needs a number or text" };
    return (value) => {
      const number = domain === "text" ? decimalOf(String(value)) : value;
      return typeof number === "number" && accept(number - operand);
    };
  };
}

function listed(operand: unknown, domain: Domain): ValueTest | Refusal {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length > MAX_LISTED_VALUES) {
    return { refused: `needs a list of 1 to ${MAX_LISTED_VALUES} values` };
  }
  const plain = new Set<unknown>();
  const tests: ValueTest[] = [];
  for (const item of operand) {
    const test = equal(item, domain);
    if (typeof test !== "function") return test;
    // Set lookups keep a long list cheap; a number in `text` and a list or object have to be compared.
    if (isObject(item) || Array.isArray(item) || (domain === "text" && typeof item === "number")) {
      tests.push(test);
    } else {
      plain.add(item);
    }
  }
  return (value) => plain.has(value) || tests.some((test) => test(value));
}

function affix(accept: (text: string, part: string) => boolean) {
  return (operand: unknown): ValueTest | Refusal => {
    if (typeof operand !== "string") return { refused: "needs text" };
    const part = operand.normalize("NFC");
    return (value) => typeof value === "string" && accept(value.normalize("NFC"), part);
  };
}

function contains(operand: unknown, domain: Domain): ValueTest | Refusal {
  if (domain === "text" && typeof operand !== "string") return { refused: "needs text" };
  const part = typeof operand === "string" ? operand.normalize("NFC") : null;
  return (value) => {
    if (typeof value === "string") return part !== null && value.normalize("NFC").includes(part);
    return Array.isArray(value) && value.some((item) => sameJson(item, operand));
  };
}

function regex(operand: unknown): ValueTest | Refusal {
  if (typeof operand !== "string") return { refused: "needs text: a regex of RE2 syntax" };
  const test = regexTest(operand);
  if (typeof test !== "function") return test;
  return (value) => typeof value === "string" && test(value);
}

/** What makes a value unfit to be stored and compared, or undefined. */
function flawOf(value: unknown, levels: number): string | undefined {
  // JSON reads 1e999 as infinity, and would write it back as null.
  if (value === Infinity || value === -Infinity) return "is a number too large";
  if (typeof value !== "object" || value === null) return undefined;
  if (levels === 0) return `is nested deeper than ${MAX_VALUE_DEPTH} levels`;
  for (const item of Object.values(value)) {
    const flaw = flawOf(item, levels - 1);
    if (flaw) return flaw;
  }
  return undefined;
}
