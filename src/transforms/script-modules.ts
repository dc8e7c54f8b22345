/** Name of the module that a script is; lines of its errors stand beside it. */
export const SCRIPT_MODULE = "script.js";
export const MAIN_MODULE = "main.js";

/**
 * Runs before the script: what it says stays out of the deployment's log, and there is no cache to keep anything in.
 * It keeps the functions that the main module needs, whatever the script does to the global ones.
 */
const LOCK = `
for (const name of Object.keys(console)) console[name] = () => {};
delete globalThis.caches;
const { parse, stringify } = JSON;
const { setTimeout, clearTimeout, Promise, Response, Error, String } = globalThis;
const race = Promise.race.bind(Promise);
export { parse, stringify, setTimeout, clearTimeout, Promise, Response, Error, String, race };
`;

/** Calls the script's default export with what the request holds, and answers \`{text}\`, \`{json}\` or \`{failed}\`. */
const MAIN = `
import { parse, stringify, setTimeout, clearTimeout, Promise, Response, Error, String, race } from "./lock.js";
import * as script from "./${SCRIPT_MODULE}";

const failure = (failed) => new Response(stringify({ failed }));

function describe(error) {
  try {
    const text = error instanceof Error ? error.name + ": " + error.message : "threw " + String(error);
    const line = /${SCRIPT_MODULE.replace(".", "\\.")}:(\\d+)/.exec(String(error?.stack))?.[1];
    return line ? text + " (line " + line + ")" : text;
  } catch {
    return "threw something that cannot be shown";
  }
}

function outputOf(result) {
  if (result === undefined || result === null) return { failed: "returns nothing" };
  if (typeof result === "string") return { text: result };
  if (typeof result === "object") {
    const keys = Object.keys(result);
    if (keys.length === 1 && typeof result.text === "string") return { text: result.text };
    if (keys.length === 1 && keys[0] === "json") result = result.json;
  }
  const json = stringify(result);
  return json === undefined ? { failed: "returns what is no JSON" } : { json };
}

export default {
  async fetch(request) {
    const { view, timeoutMs, isCheck } = await request.json();
    if (typeof script.default !== "function") {
      return failure("has no function as its default export: export default ({ text }) => …");
    }
    if (isCheck) return new Response("{}");
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve({ late: true }), timeoutMs);
    });
    const run = async () => outputOf(await script.default(view));
    try {
      return new Response(stringify(await race([run(), late])));
    } catch (error) {
      return failure(describe(error));
    } finally {
      clearTimeout(timer);
    }
  },
};
`;

/** The modules of the Worker that runs a script. */
export function scriptModules(code: string): Record<string, string> {
  return { [MAIN_MODULE]: MAIN, "lock.js": LOCK, [SCRIPT_MODULE]: code };
}
