import type { Expression } from "jsonata";
import { MAX_EXPRESSION_SIZE, MAX_EXPRESSION_WORK } from "./constants.ts";
import { StepFailure } from "./failure.ts";
import { guardFunctions } from "./guarded-functions.ts";
import { Meter } from "./meter.ts";
import { jsonataMessage, parseExpression } from "./parse-expression.ts";
import { plainJson } from "./plain-json.ts";
import type { StepOf } from "./schemas.ts";
import type { StepOutput } from "./step-output.ts";
import type { View } from "./view.ts";

/** Evaluates a JSONata expression over the view: a text is text, anything else JSON. */
export async function runExpression(
  { expression }: StepOf<"jsonata">,
  view: View,
): Promise<StepOutput> {
  const meter = new Meter(MAX_EXPRESSION_WORK, MAX_EXPRESSION_SIZE);
  const parsed = parseExpression(expression, meter);
  const result = await evaluate(parsed, view, meter);
  if (result === undefined) {
    throw new StepFailure("gives nothing: what it looks for is not there");
  }
  if (isFunction(result)) throw new StepFailure("gives a function; call it");
  if (typeof result === "string") return { kind: "text", text: result, contentType: null };
  return { kind: "json", json: plainJson(result).json, contentType: null };
}

async function evaluate(parsed: Expression, view: View, meter: Meter): Promise<unknown> {
  // Known as large as it is, so that only what the expression makes of it counts.
  meter.sizeOf(view);
  hook(parsed, "entry", () => meter.spend(1));
  hook(parsed, "exit", (_node, _input, _environment, result) => meter.take(result));
  await guardFunctions(parsed, meter);
  try {
    return await parsed.evaluate(view);
  } catch (error) {
    if (error instanceof StepFailure) throw error;
    throw new StepFailure(`failed: ${jsonataMessage(error)}`);
  }
}

function isFunction(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value === "function";
  return "_jsonata_lambda" in value || "_jsonata_function" in value;
}

/** The library calls these around each node that it evaluates; what they throw ends the evaluation. */
function hook(parsed: Expression, when: "entry" | "exit", call: (...args: unknown[]) => void) {
  parsed.assign(Symbol.for(`jsonata.__evaluate_${when}`) as unknown as string, call);
}
