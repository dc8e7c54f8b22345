import { refused } from "../errors.ts";
import { StepFailure } from "./failure.ts";
import { loadScript, type ScriptHost } from "./run-script.ts";
import type { Transform } from "./schemas.ts";

/** 422 unless every script of a transform can be loaded and exports a function; says where it cannot. */
export async function assertScriptsLoad(
  steps: Transform | null | undefined,
  host: ScriptHost,
): Promise<void> {
  for (const [i, step] of (steps ?? []).entries()) {
    if (step.kind !== "script") continue;
    try {
      await loadScript(step.code, host);
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      throw refused(`transform.${i}.code`, error.message);
    }
  }
}
