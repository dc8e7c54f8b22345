import type { Deps } from "../context.ts";
import { sourcesOfPreset } from "./sources-of-preset.ts";

/** Which of these sources phones call, deleted ones too. */
export function phoneSources(
  deps: Pick<Deps, "db">,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  return sourcesOfPreset(deps, "phone", ids);
}
