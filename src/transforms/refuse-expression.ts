import { MAX_EXPRESSION_SIZE, MAX_EXPRESSION_WORK } from "./constants.ts";
import { StepFailure } from "./failure.ts";
import { Meter } from "./meter.ts";
import { parseExpression } from "./parse-expression.ts";

/** Why an expression cannot be saved, or null. */
export function refuseExpression(expression: string): string | null {
  try {
    parseExpression(expression, new Meter(MAX_EXPRESSION_WORK, MAX_EXPRESSION_SIZE));
    return null;
  } catch (error) {
    // A nesting that the stack does not hold is the only other thing that parsing can end in.
    return error instanceof StepFailure ? error.message : "is nested too deeply";
  }
}
