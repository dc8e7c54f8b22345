// `npm run deploy -- --dry-run`: builds and validates all five Workers offline and prints each bundle's size.
import { resolve } from "node:path";
import { buildWorker } from "./build-worker.ts";

/** Bindings point only to earlier ones. */
const WORKERS = [
  ["objects", "workers/objects/wrangler.toml"],
  ["browser", "workers/browser/wrangler.toml"],
  ["consumer", "workers/consumer/wrangler.toml"],
  ["app", "workers/app/wrangler.toml"],
  ["edge", "wrangler.toml"],
] as const;

/** The platform's limit on one Worker, gzip; the free plan's is the smaller one. */
const MAX_BUNDLE_KIB = 3 * 1024;

async function dryRun(): Promise<void> {
  const outputs = await Promise.all(
    WORKERS.map(([name, config]) => buildWorker(config, resolve("dist", name))),
  );
  for (const [i, [name]] of WORKERS.entries()) {
    const output = outputs[i] ?? "";
    const size = /Total Upload: ([\d.]+) KiB \/ gzip: ([\d.]+) KiB/.exec(output);
    if (!size) throw new Error(`${name}: wrangler printed no size\n${output}`);
    console.log(`${name.padEnd(9)} ${size[1]} KiB, gzip ${size[2]} KiB`);
    if (Number(size[2]) > MAX_BUNDLE_KIB) {
      throw new Error(`${name}: the bundle is larger than ${MAX_BUNDLE_KIB} KiB gzip`);
    }
  }
  console.log("All five Workers build. Nothing was deployed.");
}

if (process.argv.includes("--dry-run")) {
  await dryRun().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
} else {
  console.error(
    "Deploying is not available in this version. To build and check: npm run deploy -- --dry-run",
  );
  process.exitCode = 2;
}
