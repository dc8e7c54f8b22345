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

/** Each project loads this file anew; what it prepares is the same for all. */
const shared = globalThis as { preparedState?: Promise<string> };

/**
 * A state folder as the first start leaves it, with keys and migrated databases: each session of these tests begins
 * with a copy. What a first start does with an empty folder is the matter of test/local, which has no such folder.
 */
export default async function setup(project: TestProject) {
  shared.preparedState ??= prepareState();
  const state = await shared.preparedState;
  project.provide("preparedState", state);
  return () => rmSync(state, { recursive: true, force: true });
}

async function prepareState(): Promise<string> {
  const state = mkdtempSync(join(tmpdir(), "baton-prepared-"));
  mkdirSync(join(state, "configs"));
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
  return state;
}
