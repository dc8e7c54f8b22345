import { StepFailure } from "./failure.ts";
import { parseTemplate } from "./parse-template.ts";

/** Why a template cannot be saved, or null. */
export function refuseTemplate(template: string): string | null {
  try {
    parseTemplate(template);
    return null;
  } catch (error) {
    return error instanceof StepFailure ? error.message : "is nested too deeply";
  }
}
