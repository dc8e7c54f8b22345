import type { Check, Leaf } from "./check.ts";
import { isObject } from "./compare.ts";
import { MAX_CONDITION_DEPTH, MAX_CONDITIONS, MAX_FIELD_CHARS, MAX_REGEXES } from "./constants.ts";
import type { Facts } from "./facts.ts";
import {
  type Domain,
  LOGICAL_OPERATORS,
  type LogicalOperator,
  OPERATOR_NAMES,
  OPERATORS,
  operatorTest,
  type ValueOperator,
} from "./operators.ts";

export type ConditionIssue = { path: string[]; message: string };

export type ConditionPart = {
  /** Key of the match, e.g. `json`. */
  name: string;
  domain: Domain;
  /** The values of a field in a request. */
  find: (facts: Facts, field: string) => readonly unknown[];
};

type Reading = ConditionPart & { issues: ConditionIssue[]; conditions: number; regexes: number };

/**
 * The grammar of conditions, in one place: reads the JSON of one part to checks, and says all that is wrong with it.
 * Recursion ends at MAX_CONDITION_DEPTH, so hostile input cannot overflow the stack.
 */
export function readConditions(part: ConditionPart, value: unknown) {
  const reading: Reading = { ...part, issues: [], conditions: 0, regexes: 0 };
  const checks = readObject(reading, value, [], MAX_CONDITION_DEPTH);
  return { checks, issues: reading.issues };
}

/** Object level: field names, and logical operators over objects. */
function readObject(reading: Reading, value: unknown, path: string[], depth: number): Check[] {
  if (depth === 0)
    return refuse(reading, path, `is nested deeper than ${MAX_CONDITION_DEPTH} levels`);
  if (!isObject(value)) return refuse(reading, path, 'needs an object such as {"field": "value"}');
  return Object.entries(value).flatMap(([key, item]) => {
    const at = [...path, key];
    if (isLogical(key)) {
      return readLogical(reading, key, item, at, (inner, to) =>
        readObject(reading, inner, to, depth - 1),
      );
    }
    if (isOperator(key)) {
      return refuse(reading, at, `belongs to a field: write {"field": {"${key}": …}}`);
    }
    if (key.startsWith("$")) return refuseOperator(reading, at);
    if (key.length > MAX_FIELD_CHARS) {
      return refuse(reading, at, `is longer than ${MAX_FIELD_CHARS} characters`);
    }
    return readField(reading, key, item, at, depth - 1);
  });
}

/** Field level: a bare value, or operators. */
function readField(
  reading: Reading,
  field: string,
  value: unknown,
  path: string[],
  depth: number,
): Check[] {
  if (depth < 0)
    return refuse(reading, path, `is nested deeper than ${MAX_CONDITION_DEPTH} levels`);
  const keys = isObject(value) ? Object.keys(value) : [];
  if (!isObject(value) || !keys.some((key) => key.startsWith("$"))) {
    return readOperator(reading, field, "$eq", value, path);
  }
  return keys.flatMap((key) => {
    const at = [...path, key];
    if (isLogical(key)) {
      return readLogical(reading, key, value[key], at, (inner, to) =>
        readField(reading, field, inner, to, depth - 1),
      );
    }
    if (isOperator(key)) return readOperator(reading, field, key, value[key], at);
    if (key.startsWith("$")) return refuseOperator(reading, at);
    return refuse(reading, at, 'stands beside operators; compare whole objects with {"$eq": {…}}');
  });
}

function readLogical(
  reading: Reading,
  operator: LogicalOperator,
  value: unknown,
  path: string[],
  read: (value: unknown, path: string[]) => Check[],
): Check[] {
  const check = name(reading, path);
  if (!count(reading, path)) return [];
  if (operator === "$not") return [{ check, operator, of: read(value, path) }];
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_CONDITIONS) {
    return refuse(reading, path, `needs a list of 1 to ${MAX_CONDITIONS} conditions`);
  }
  const of = value.map((item, i) => {
    const at = [...path, String(i)];
    return all(name(reading, at), read(item, at));
  });
  return [{ check, operator, of }];
}

/** Several checks as one. */
function all(check: string, of: Check[]): Check {
  return of.length === 1 && of[0] ? of[0] : { check, operator: "$and", of };
}

function readOperator(
  reading: Reading,
  field: string,
  operator: ValueOperator | "$exist",
  operand: unknown,
  path: string[],
): Leaf[] {
  if (!count(reading, path)) return [];
  if (operator === "$regex" && ++reading.regexes > MAX_REGEXES) {
    return refuse(reading, path, `is one regex too many: ${MAX_REGEXES} at most`);
  }
  const hidden = operator === "$exist" ? null : findHiddenOperator(operand, MAX_CONDITION_DEPTH);
  if (hidden) {
    const hint = `compares whole values, so ${hidden} in it is no operator here`;
    return refuse(reading, path, `${hint}; write {"${field}.<name>": {"${hidden}": …}}`);
  }
  const test = operatorTest(operator, operand, reading.domain);
  if ("refused" in test) return refuse(reading, path, test.refused);
  const find = (facts: Facts) => reading.find(facts, field);
  return [{ check: name(reading, path), find, ...test }];
}

/** An operator inside a compared value: meant as a condition, it would be compared literally and never match. */
function findHiddenOperator(value: unknown, depth: number): string | null {
  if (typeof value !== "object" || value === null || depth === 0) return null;
  for (const [key, inner] of Object.entries(value)) {
    if (isOperator(key) || isLogical(key)) return key;
    const hidden = findHiddenOperator(inner, depth - 1);
    if (hidden) return hidden;
  }
  return null;
}

/** False when there are too many conditions; said once. */
function count(reading: Reading, path: string[]): boolean {
  reading.conditions++;
  if (reading.conditions === MAX_CONDITIONS + 1) {
    refuse(reading, path, `is one condition too many: ${MAX_CONDITIONS} at most`);
  }
  return reading.conditions <= MAX_CONDITIONS;
}

function refuse(reading: Reading, path: string[], message: string): never[] {
  reading.issues.push({ path, message });
  return [];
}

function refuseOperator(reading: Reading, path: string[]): never[] {
  return refuse(reading, path, `is no operator; these are: ${OPERATOR_NAMES.join(" ")}`);
}

function name(reading: Reading, path: string[]): string {
  return [reading.name, ...path].join(".");
}

function isLogical(key: string): key is LogicalOperator {
  return (LOGICAL_OPERATORS as readonly string[]).includes(key);
}

function isOperator(key: string): key is ValueOperator | "$exist" {
  return key === "$exist" || Object.hasOwn(OPERATORS, key);
}
