import { resolve } from "node:path";

/**
 * For the environment of the programs that tests start. Most of a command's time goes into the reading of its
 * TypeScript, and of a session's into wrangler's; Node keeps both here, by their content.
 */
export const COMPILE_CACHE = {
  NODE_COMPILE_CACHE: resolve(import.meta.dirname, "../../node_modules/.cache/baton-tests"),
};
