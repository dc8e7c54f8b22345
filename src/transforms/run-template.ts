import { exceedsDepth } from "../json-depth.ts";
import { MAX_OUTPUT_DEPTH } from "./constants.ts";
import { StepFailure } from "./failure.ts";
import { MeteredContext } from "./metered-context.ts";
import { liquid, liquidMessage, parseTemplate } from "./parse-template.ts";
import { assertTextSize } from "./plain-json.ts";
import type { StepOf } from "./schemas.ts";
import type { StepOutput } from "./step-output.ts";
import type { View } from "./view.ts";

const JSON_TYPE = /^(?:application\/json|[^;]*\+json)\s*(?:;|$)/i;

/** Renders a Liquid template. With a JSON content type the text must be JSON, and the output is JSON. */
export async function runTemplate(step: StepOf<"template">, view: View): Promise<StepOutput> {
  const text = render(step.template, view);
  const contentType = step.contentType ?? null;
  if (contentType === null || !JSON_TYPE.test(contentType)) {
    return { kind: "text", text, contentType };
  }
  assertTextSize(text);
  return { kind: "json", json: jsonOf(text), contentType };
}

function render(template: string, view: View): string {
  const templates = parseTemplate(template);
  const context = new MeteredContext(view, liquid.options);
  try {
    return String(liquid.renderSync(templates, context));
  } catch (error) {
    const cause = (error as { originalError?: unknown }).originalError;
    if (cause instanceof StepFailure) throw cause;
    throw new StepFailure(`failed: ${liquidMessage(error)}`);
  }
}

function jsonOf(text: string): unknown {
  if (exceedsDepth(text, MAX_OUTPUT_DEPTH)) {
    throw new StepFailure(`gives JSON that is nested deeper than ${MAX_OUTPUT_DEPTH} levels`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StepFailure(`gives text that is no JSON: ${(error as Error).message}`);
  }
}
