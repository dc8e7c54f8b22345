import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { chromium } from "playwright-core";

/**
 * A real Chromium that comes with npm alone: the package unpacks it, with the libraries and fonts it needs, into a
 * folder of the project's, so that no system package is.
 */
export async function launchBrowser() {
  const folder = resolve(".baton/chromium");
  if (!existsSync(join(folder, "chromium"))) await unpackWhole(folder);
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    env: {
      HOME: folder,
      LD_LIBRARY_PATH: join(folder, "al2023/lib"),
      FONTCONFIG_FILE: writeFontConfig(folder),
    },
  });
}

/** Two test files may come here at the same time: the folder appears as a whole, and only once. */
async function unpackWhole(folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const fresh = mkdtempSync(`${folder}-`);
  await unpack(fresh);
  try {
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true });
    if (!existsSync(join(folder, "chromium"))) throw error;
  }
}

/** The package reads its settings from the environment, when it is loaded and when it unpacks; they stay there no longer. */
async function unpack(folder: string): Promise<void> {
  const { TMPDIR, AWS_LAMBDA_JS_RUNTIME } = process.env;
  Object.assign(process.env, { TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: "nodejs24.x" });
  try {
    const { default: bundled } = await import("@sparticuz/chromium");
    await bundled.executablePath();
  } finally {
    for (const [name, value] of Object.entries({ TMPDIR, AWS_LAMBDA_JS_RUNTIME })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** Text without a font has no width, and what has no width is hidden to a test. Korean fonts are used where there are any. */
function writeFontConfig(folder: string): string {
  const file = join(folder, "fonts.conf");
  const folders = [join(folder, "fonts"), "/usr/share/fonts", "/usr/local/share/fonts"];
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
${folders.map((path) => `<dir>${path}</dir>`).join("\n")}
<cachedir>${join(folder, "font-cache")}</cachedir></fontconfig>`,
  );
  return file;
}
