import { exceedsDepth } from "../json-depth.ts";
import { callIsolate, type ScriptHost, tooLong } from "./call-isolate.ts";
import { MAX_OUTPUT_DEPTH, SCRIPT_TIMEOUT_MS } from "./constants.ts";
import { StepFailure } from "./failure.ts";
import { assertTextSize } from "./plain-json.ts";
import type { StepOf } from "./schemas.ts";
import type { StepOutput } from "./step-output.ts";
import type { View } from "./view.ts";

export type { ScriptHost } from "./call-isolate.ts";

/** Runs a script in an isolate of its own: without network and bindings, until `endBy` (ms UTC). */
export async function runScript(
  { code }: StepOf<"script">,
  view: View,
  host: ScriptHost,
  endBy: number,
): Promise<StepOutput> {
  const timeoutMs = endBy - Date.now();
  if (timeoutMs <= 0) throw tooLong();
  const { text, json } = await callIsolate(host, code, { view, timeoutMs }, timeoutMs);
  if (typeof text === "string") return { kind: "text", text, contentType: null };
  if (typeof json !== "string") throw new StepFailure("gave no output");
  assertTextSize(json);
  if (exceedsDepth(json, MAX_OUTPUT_DEPTH)) {
    throw new StepFailure(`gives JSON that is nested deeper than ${MAX_OUTPUT_DEPTH} levels`);
  }
  return { kind: "json", json: parse(json), contentType: null };
}

/** Loads a script without running its function. Throws StepFailure when it cannot be loaded. */
export async function loadScript(code: string, host: ScriptHost): Promise<void> {
  await callIsolate(host, code, { isCheck: true }, SCRIPT_TIMEOUT_MS);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new StepFailure("gave no output that can be read");
  }
}
