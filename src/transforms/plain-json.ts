import { MAX_OUTPUT_BYTES, MAX_OUTPUT_DEPTH } from "./constants.ts";
import { StepFailure } from "./failure.ts";

/** A value as JSON text and as plain JSON. Throws StepFailure when it is none, too large or too deep. */
export function plainJson(value: unknown): { text: string; json: unknown } {
  assertSmall(value, { left: MAX_OUTPUT_BYTES }, 0);
  const text = JSON.stringify(value);
  assertTextSize(text);
  return { text, json: JSON.parse(text) };
}

/** Throws StepFailure when a text has more than MAX_OUTPUT_BYTES. */
export function assertTextSize(text: string): void {
  if (text.length <= MAX_OUTPUT_BYTES) {
    if (new TextEncoder().encode(text).byteLength <= MAX_OUTPUT_BYTES) return;
  }
  throw tooLarge();
}

/** Ends before JSON is written that would not fit: a value of shared parts may be larger than any memory. */
function assertSmall(value: unknown, budget: { left: number }, depth: number): void {
  budget.left -= typeof value === "string" ? value.length + 1 : 1;
  if (budget.left < 0) throw tooLarge();
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new StepFailure("gives a number that JSON cannot hold; is something divided by 0?");
  }
  if (typeof value !== "object" || value === null) return;
  if (depth >= MAX_OUTPUT_DEPTH) {
    throw new StepFailure(`gives JSON that is nested deeper than ${MAX_OUTPUT_DEPTH} levels`);
  }
  for (const part of Object.values(value)) assertSmall(part, budget, depth + 1);
}

function tooLarge(): StepFailure {
  return new StepFailure(`gives more than ${MAX_OUTPUT_BYTES / 1024} KiB, the most there can be`);
}
