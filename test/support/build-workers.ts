import { join } from "node:path";
import { buildWorker } from "../../scripts/build-worker.ts";
import { WORKERS } from "../../src/local/constants.ts";
import { COMPILE_CACHE } from "./compile-cache.ts";

/** Builds every Worker as a deployment would, for sessions with `BATON_BUILT`. */
export async function buildWorkers(folder: string): Promise<void> {
  await Promise.all(
    Object.entries(WORKERS).map(([name, config]) =>
      buildWorker(config, join(folder, name), COMPILE_CACHE),
    ),
  );
}
