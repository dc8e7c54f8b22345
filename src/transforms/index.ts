export { assertScriptsLoad } from "./assert-scripts-load.ts";
export { MAX_TRANSFORM_MS } from "./constants.ts";
export {
  keepTransforms,
  pruneDeletedTransforms,
  readDeleted,
  selectDeletedTransforms,
} from "./deleted-transforms.ts";
export type { ScriptHost } from "./run-script.ts";
export { failureText, type Output, runTransform, type TransformFailure } from "./run-transform.ts";
export { parseTransform } from "./schemas.ts";
export type { Origin } from "./view.ts";
