import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PREPARE_DEADLINE_MS, TAIL_LINES } from "./constants.ts";
import { configPath, type WranglerConfig } from "./derive-configs.ts";
import { LocalError } from "./local-error.ts";
import type { LogFile } from "./log-file.ts";
import { migrationNames } from "./migration-names.ts";
import { startGroup } from "./process-group.ts";
import type { Secrets } from "./secrets.ts";
import type { Run } from "./session.ts";
import { wranglerEnvironment } from "./wrangler-process.ts";

/**
 * Brings the databases of a state folder to the newest migration and seeds the demo. Skipped when a stamp says that
 * exactly these migrations and keys are in already.
 */
export async function prepareDatabases(
  { settings: { state }, say, print, signal }: Run,
  secrets: Secrets,
  log: LogFile,
): Promise<void> {
  const config = configPath(state, "edge");
  const stampPath = join(state, "prepared.txt");
  const stamp = stampOf(config, secrets);
  const isPrepared = existsSync(stampPath) && readFileSync(stampPath, "utf8") === stamp;
  if (isPrepared && existsSync(join(state, "v3/d1"))) return;
  rmSync(stampPath, { force: true });
  print(say.preparing);

  const tail: string[] = [];
  const script = fileURLToPath(new URL("./run-migrations.ts", import.meta.url));
  const group = startGroup(script, [config, state], {
    cwd: state,
    env: wranglerEnvironment(state),
    onLine: (line) => tail.push(log.write(line)),
  });
  const ended = Promise.race([group.exited, abortion(signal)]);
  const code = await ended.finally(() => group.stop());
  if (signal.aborted) return;
  if (code !== "0") {
    throw new LocalError([say.databasesFailed(log.path), ...tail.slice(-TAIL_LINES)].join("\n"));
  }
  writeFileSync(stampPath, stamp);
}

/** Resolves when the session is told to stop, or when preparing has taken far too long. */
function abortion(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const either = AbortSignal.any([signal, AbortSignal.timeout(PREPARE_DEADLINE_MS)]);
    either.addEventListener("abort", () => resolve("timeout"), { once: true });
    if (either.aborted) resolve("stopped");
  });
}

/** Changes with any migration's name or text, with the databases' ids, and with the keys. */
function stampOf(config: string, secrets: Secrets): string {
  const { d1_databases = [] } = JSON.parse(readFileSync(config, "utf8")) as WranglerConfig;
  const hash = createHash("sha256").update(JSON.stringify([d1_databases, secrets]));
  for (const { migrations_dir } of d1_databases) {
    for (const name of migrationNames(migrations_dir)) {
      hash.update(`\n${name}\n`).update(readFileSync(join(migrations_dir, name)));
    }
  }
  return hash.digest("hex");
}
