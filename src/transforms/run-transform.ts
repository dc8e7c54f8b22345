import type { AttemptInput } from "../destinations/index.ts";
import type { Facts } from "../rules/index.ts";
import { maskCodes } from "../sms/index.ts";
import { MAX_FAILURE_CHARS, SCRIPT_TIMEOUT_MS } from "./constants.ts";
import { StepFailure } from "./failure.ts";
import { assertTextSize } from "./plain-json.ts";
import { runExpression } from "./run-expression.ts";
import { runScript, type ScriptHost } from "./run-script.ts";
import { runTemplate } from "./run-template.ts";
import type { StepKind, StepOf, Transform, TransformStep } from "./schemas.ts";
import type { StepOutput } from "./step-output.ts";
import { firstView, nextView, type Origin, type View } from "./view.ts";

/** What is sent, as destinations take it. */
export type Output = NonNullable<AttemptInput["output"]>;

/** `step` counts from 1. `message` says what the step did wrong, without one-time codes. */
export type TransformFailure = { step: number; kind: StepKind; message: string };

type Runner<K extends StepKind> = (
  step: StepOf<K>,
  view: View,
  host: ScriptHost,
  endBy: number,
) => Promise<StepOutput>;

/** Every kind of step; a new one does not compile until it is here. */
const RUNNERS = {
  jsonata: runExpression,
  template: runTemplate,
  script: runScript,
} satisfies { [K in StepKind]: Runner<K> };

const DEFAULT_TYPES = { text: "text/plain; charset=utf-8", json: "application/json" } as const;

/** Runs the chain over an event. A step that fails is data: which one, and why. */
export async function runTransform(
  steps: Transform,
  facts: Facts,
  origin: Origin,
  host: ScriptHost,
): Promise<{ output: Output } | { failure: TransformFailure }> {
  let at = 0;
  const endBy = Date.now() + SCRIPT_TIMEOUT_MS;
  try {
    const text = facts.text();
    if ("unreadable" in text) throw new StepFailure(text.unreadable);
    let view = firstView(facts, text.value, origin);
    let output: StepOutput | undefined;
    for (const step of steps) {
      if (output) {
        at++;
        view = nextView(view, output);
      }
      output = await runStep(step, view, host, endBy);
    }
    if (!output) throw new Error("a transform has one step at least");
    return { output: outputOf(output) };
  } catch (error) {
    const kind = steps[at]?.kind ?? "jsonata";
    return { failure: { step: at + 1, kind, message: describe(error, facts) } };
  }
}

/** One line for the record of an attempt. */
export function failureText({ step, kind, message }: TransformFailure): string {
  return `step ${step} (${kind}) ${message}`;
}

async function runStep(
  step: TransformStep,
  view: View,
  host: ScriptHost,
  endBy: number,
): Promise<StepOutput> {
  const run = RUNNERS[step.kind] as Runner<StepKind>;
  const output = await run(step, view, host, endBy);
  if (output.kind === "text") assertTextSize(output.text);
  return output;
}

function outputOf(output: StepOutput): Output {
  const contentType = output.contentType ?? DEFAULT_TYPES[output.kind];
  if (output.kind === "json") return { kind: "json", json: output.json, contentType };
  return { kind: "text", text: output.text.toWellFormed(), contentType };
}

/** The libraries' messages may quote what came in. */
function describe(error: unknown, facts: Facts): string {
  const message = error instanceof Error ? error.message : String(error);
  const sms = facts.sms();
  const mask = "unreadable" in sms ? null : maskCodes(sms.value);
  const text = (mask?.(message) ?? message).toWellFormed();
  return text.length <= MAX_FAILURE_CHARS ? text : `${text.slice(0, MAX_FAILURE_CHARS - 1)}…`;
}
