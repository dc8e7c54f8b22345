import { randomUUID } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The Chrome that the bundled miniflare wants to run. */
export const MINIFLARE_CHROME = "126.0.6478.182";
/** Without it, a launch that fails makes miniflare delete the folder and download a Chrome. */
const MARKER = ".miniflare-install-complete";

const MAC = "Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing";
/** Where miniflare looks below its cache folder. */
const PLACES: Record<string, { folder: string; file: string }> = {
  "linux-x64": { folder: "linux", file: "chrome-linux64/chrome" },
  "linux-arm64": { folder: "linux_arm", file: "chrome-linux64/chrome" },
  "darwin-x64": { folder: "mac", file: `chrome-mac-x64/${MAC}` },
  "darwin-arm64": { folder: "mac_arm", file: `chrome-mac-arm64/${MAC}` },
};

/** Puts a script where miniflare looks for its Chrome, given the value of XDG_CACHE_HOME. Throws where it has no place. */
export async function writeWrapper(cache: string, script: string): Promise<string> {
  const place = PLACES[`${process.platform}-${process.arch}`];
  if (!place) throw new Error(`no local browser on ${process.platform}-${process.arch}`);
  const folder = join(cache, ".wrangler/chrome", `${place.folder}-${MINIFLARE_CHROME}`);
  const path = join(folder, place.file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(join(folder, MARKER), "");
  // Whoever looks sees no wrapper, or a whole one.
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, script, { mode: 0o755 });
  await rename(draft, path);
  return path;
}

/**
 * A script that becomes the browser. It leaves one watcher behind: miniflare gives a browser a process group of its
 * own, so that it would outlive a session that is killed, with the cookies of its profile on the disk.
 */
export function browserScript(
  path: string,
  env: Record<string, string>,
  args: readonly string[],
): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  return `#!/bin/sh
session=$PPID
for option in "$@"; do
  case $option in --user-data-dir=*/browser-rendering/profile-*) profile=\${option#*=} ;; esac
done
(
  while kill -0 "$session" && kill -0 $$; do sleep 1; done
  kill -0 "$session" && exit
  kill -9 $$
  sleep 1
  rm -rf "$profile"
) </dev/null >/dev/null 2>&1 &
${exports.join("")}exec ${[path, ...args].map(quote).join(" ")} "$@"
`;
}

/** A script for when there is no browser: a launch fails at once. */
export const NO_BROWSER_SCRIPT = `#!/bin/sh
echo "no Chromium" >&2
exit 1
`;

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
