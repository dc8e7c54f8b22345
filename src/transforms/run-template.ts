import { Context } from "liquidjs";
import { exceedsDepth } from "../json-depth.ts";
import { MAX_OUTPUT_DEPTH, MAX_RENDERED_PIECES, MAX_TEMPLATE_MEMORY } from "./constants.ts";
import { StepFailure } from "./failure.ts";
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
  const limits = {
    renderLimit: limiter(MAX_RENDERED_PIECES, "renders too many pieces; are its loops too long?"),
    memoryLimit: limiter(MAX_TEMPLATE_MEMORY, "handles too much text or too long lists"),
  };
  const context = new Context(view, liquid.options, { sync: true }, limits as never);
  try {
    return String(liquid.renderSync(templates, context));
  } catch (error) {
    const cause = (error as { originalError?: unknown }).originalError;
    if (cause instanceof StepFailure) throw cause;
    throw new StepFailure(`failed: ${liquidMessage(error)}`);
  }
}

/**
 * Takes the place of the library's own limiter: `check` is called with the time at each piece that is rendered, and
 * since the clock stands still meanwhile, the calls are counted; `use` with what a filter handles.
 */
function limiter(max: number, message: string) {
  let used = 0;
  const use = (count: number) => {
    if (count > 0) used += count;
    if (used > max) throw new StepFailure(message);
  };
  return { use: (count: unknown) => use(Number(count)), check: () => use(1) };
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
