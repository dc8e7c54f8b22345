import jsonata from "jsonata";
import {
  MAX_ARGUMENTS,
  MAX_EXPRESSION_DEPTH,
  MAX_EXPRESSION_ITEMS,
  MAX_SIGNATURE_CHARS,
} from "./constants.ts";
import { StepFailure } from "./failure.ts";
import { compileRegex, linearRegexEngine } from "./linear-regex.ts";
import type { Meter } from "./meter.ts";

/** Parses an expression; throws StepFailure on what cannot be run here. */
export function parseExpression(expression: string, meter: Meter): jsonata.Expression {
  let parsed: jsonata.Expression;
  try {
    parsed = jsonata(expression, {
      RegexEngine: linearRegexEngine(meter),
      stack: MAX_EXPRESSION_DEPTH,
      sequence: MAX_EXPRESSION_ITEMS,
    });
  } catch (error) {
    throw new StepFailure(`is no JSONata: ${jsonataMessage(error)}`);
  }
  assertTame(parsed.ast());
  return parsed;
}

/** What the library says went wrong, with the place; its errors are objects, and of the engine's own only some are Errors. */
export function jsonataMessage(error: unknown): string {
  const { message, position } = error as { message?: unknown; position?: unknown };
  const place = typeof position === "number" ? ` (at character ${position})` : "";
  return `${typeof message === "string" ? message : "it could not be read"}${place}`;
}

/** Every regex of RE2 syntax, and nothing whose shape alone makes the library slow. */
function assertTame(node: unknown, seen = new WeakSet()): void {
  if (typeof node !== "object" || node === null || seen.has(node)) return;
  seen.add(node);
  if (node instanceof RegExp) {
    compileRegex(node);
    return;
  }
  const { arguments: given, signature } = node as {
    arguments?: unknown;
    signature?: { definition?: string };
  };
  if (Array.isArray(given) && given.length > MAX_ARGUMENTS) {
    throw new StepFailure(`has a function with over ${MAX_ARGUMENTS} arguments`);
  }
  if ((signature?.definition?.length ?? 0) > MAX_SIGNATURE_CHARS) {
    throw new StepFailure(`has a signature of over ${MAX_SIGNATURE_CHARS} characters`);
  }
  for (const part of Object.values(node)) assertTame(part, seen);
}
