import { existsSync } from "node:fs";
import { createRequire } from "node:module";

const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** A browser that can serve the browser Worker: a file, or the npm package that unpacks one. */
export type Chromium = { found: true; path: string } | { found: false; looked: string };

/** Looks for a browser. `BATON_CHROMIUM` is taken at its word: when it names nothing, there is none. */
export function findChromium(
  env: NodeJS.ProcessEnv,
  exists: (path: string) => boolean = existsSync,
): Chromium {
  const named = env.BATON_CHROMIUM;
  if (named) {
    return exists(named)
      ? { found: true, path: named }
      : { found: false, looked: `BATON_CHROMIUM=${named}` };
  }
  const path = INSTALLED.find(exists) ?? bundledChromium(exists);
  return path ? { found: true, path } : { found: false, looked: INSTALLED.slice(0, 3).join(", ") };
}

function bundledChromium(exists: (path: string) => boolean): string | undefined {
  try {
    const path = createRequire(import.meta.url).resolve("@sparticuz/chromium");
    return exists(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
