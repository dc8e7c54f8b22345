import { spawn } from "node:child_process";
import { copyFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Builds a Worker offline, as a deployment would: `index.js` in the folder, what it imports beside it, and `local.js`
 * for local sessions. Gives wrangler's output; throws it when the build fails.
 */
export async function buildWorker(
  config: string,
  folder: string,
  more: NodeJS.ProcessEnv = {},
): Promise<string> {
  const output = await runWrangler(config, folder, more);
  await copyFile(new URL("./local-entry.js", import.meta.url), join(folder, "local.js"));
  return output;
}

function runWrangler(config: string, folder: string, more: NodeJS.ProcessEnv): Promise<string> {
  const wrangler = dirname(createRequire(import.meta.url).resolve("wrangler/package.json"));
  const script = join(wrangler, "wrangler-dist/cli.js");
  const args = ["--no-warnings", script, "deploy", "--dry-run", "--outdir", folder, "-c", config];
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true", ...more };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(output));
    });
  });
}
