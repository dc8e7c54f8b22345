import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildWorker } from "../../scripts/build-worker.ts";
import { WORKERS } from "../../src/local/constants.ts";
import { COMPILE_CACHE } from "./compile-cache.ts";

/** Each project loads this file anew; what it builds is the same for all. */
const shared = globalThis as { builtWorkers?: Promise<string> };

/** Every Worker as a deployment would build it, for sessions with `BATON_BUILT`. */
export default async function setup(project: TestProject) {
  shared.builtWorkers ??= buildWorkers();
  const folder = await shared.builtWorkers;
  project.provide("builtWorkers", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}

async function buildWorkers(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "baton-built-"));
  await Promise.all(
    Object.entries(WORKERS).map(([name, config]) =>
      buildWorker(config, join(folder, name), COMPILE_CACHE),
    ),
  );
  return folder;
}
