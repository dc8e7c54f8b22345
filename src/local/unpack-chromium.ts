import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { UNPACK_DEADLINE_MS } from "./constants.ts";
import { ROOT } from "./settings.ts";

export type Unpacked = { path: string; env: Record<string, string> };

/**
 * A Chromium that comes with npm alone: the package unpacks it, with the libraries and fonts it needs, into a folder
 * of the project's, so that no system package is.
 */
export async function unpackChromium(): Promise<Unpacked> {
  const folder = join(ROOT, `.baton/chromium-${packageVersion()}`);
  if (!existsSync(folder)) await unpackWhole(folder);
  return {
    path: join(folder, "chromium"),
    env: {
      HOME: folder,
      LD_LIBRARY_PATH: join(folder, "al2023/lib"),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
  };
}

/** Several processes may come here at the same time: the folder appears as a whole, and only once. */
async function unpackWhole(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}.`);
  try {
    await unpackInto(fresh);
    await writeFile(join(fresh, "fonts.conf"), fontConfig(folder));
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/** In a process of its own: the package reads its settings from the environment, and only there. */
async function unpackInto(folder: string): Promise<void> {
  const script = `import bundled from "@sparticuz/chromium"; await bundled.executablePath();`;
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: "nodejs24.x" },
    timeout: UNPACK_DEADLINE_MS,
  });
}

function packageVersion(): string {
  const main = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const manifest = join(dirname(main), "../package.json");
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

/** Text without a font has no width, and what has no width is hidden. Korean fonts are used where there are any. */
function fontConfig(folder: string): string {
  const folders = [join(folder, "fonts"), "/usr/share/fonts", "/usr/local/share/fonts"];
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
${folders.map((path) => `<dir>${path}</dir>`).join("\n")}
<cachedir>${join(folder, "font-cache")}</cachedir></fontconfig>`;
}
