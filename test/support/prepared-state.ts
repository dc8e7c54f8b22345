import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { deriveIngestKey } from "../../src/ingest-key.ts";
import { writeConfigs } from "../../src/local/derive-configs.ts";
import { openLogFile } from "../../src/local/log-file.ts";
import { messagesIn } from "../../src/local/messages.ts";
import { prepareDatabases } from "../../src/local/prepare-databases.ts";
import { loadSecrets } from "../../src/local/secrets.ts";
import { readSettings } from "../../src/local/settings.ts";
import { buildWorkers } from "./build-workers.ts";

/** Each project loads this file anew; what it prepares is the same for all. */
const shared = globalThis as { preparedForSessions?: Promise<string> };

/**
 * What every session of these tests begins with: a copy of a state folder as the first start leaves it, with keys and
 * migrated databases, and the Workers as a deployment would build them. What `npm start` does with an empty folder and
 * with the sources is the matter of test/local, which has neither.
 */
export default async function setup(project: TestProject) {
  shared.preparedForSessions ??= prepare();
  const folder = await shared.preparedForSessions;
  project.provide("preparedState", join(folder, "state"));
  project.provide("builtWorkers", join(folder, "built"));
  return () => rmSync(folder, { recursive: true, force: true });
}

async function prepare(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "baton-prepared-"));
  await Promise.all([prepareState(join(folder, "state")), buildWorkers(join(folder, "built"))]);
  return folder;
}

async function prepareState(state: string): Promise<void> {
  mkdirSync(join(state, "configs"), { recursive: true });
  const say = messagesIn("en");
  const settings = readSettings({ BATON_STATE: state }, say);
  const kept = loadSecrets(state, say);
  const secrets = { ...kept, ingestKey: await deriveIngestKey(kept.masterKey) };
  writeConfigs(settings, secrets);
  const logPath = join(state, "wrangler.log");
  const quiet = { print: () => {}, printActivity: () => {}, cleanups: [], withPortal: false };
  const { signal } = new AbortController();
  await prepareDatabases(
    { settings, say, signal, ...quiet },
    secrets,
    openLogFile(logPath, (line) => line),
  );
  rmSync(logPath, { force: true });
  rmSync(join(state, "configs"), { recursive: true });
}
