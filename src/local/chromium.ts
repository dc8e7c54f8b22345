import { existsSync } from "node:fs";
import { createRequire } from "node:module";

const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
/** `BATON_CHROMIUM=npm`: the package, also where a browser is installed. */
const PACKAGE = "npm";

/** A browser that may serve the browser Worker: a file, or what the npm package unpacks. */
export type Candidate = { from: "file"; path: string } | { from: "package" };

/** Browsers of this machine, best first. `BATON_CHROMIUM` is taken at its word: when it names nothing, there is none. */
export function listChromium(
  env: NodeJS.ProcessEnv,
  exists: (path: string) => boolean = existsSync,
): Candidate[] {
  const named = env.BATON_CHROMIUM;
  const files = (named ? [named] : INSTALLED)
    .filter((path) => path !== PACKAGE && exists(path))
    .map((path): Candidate => ({ from: "file", path }));
  const mayUnpack = (!named || named === PACKAGE) && packageRuns(exists);
  return mayUnpack ? [...files, { from: "package" }] : files;
}

/** Where was looked, for the line that says that there is none. */
export function lookedAt(env: NodeJS.ProcessEnv): string {
  const named = env.BATON_CHROMIUM;
  return named ? `BATON_CHROMIUM=${named}` : INSTALLED.slice(0, 3).join(", ");
}

/** The package holds a browser for one platform only. */
function packageRuns(exists: (path: string) => boolean): boolean {
  if (process.platform !== "linux" || process.arch !== "x64") return false;
  try {
    return exists(createRequire(import.meta.url).resolve("@sparticuz/chromium"));
  } catch {
    return false;
  }
}
