import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "smol-toml";
import {
  CHAT_DEMO,
  KAKAO_DEMO,
  MINUTE_MS,
  PHONE_DEMO,
  WORKERS,
  type WorkerName,
} from "./constants.ts";
import { kakaoCallbackOrigins } from "./kakao-callback-origins.ts";
import type { Secrets } from "./secrets.ts";
import { builtWorker, isLoopback, ROOT, type Settings } from "./settings.ts";
import { writePrivateFile } from "./write-private-file.ts";

/** A wrangler config, as far as the session changes it. */
export type WranglerConfig = {
  name: string;
  main: string;
  vars?: Record<string, string>;
  d1_databases?: { binding: string; database_name: string; migrations_dir: string }[];
  assets?: { directory?: string };
  triggers?: { crons?: string[] };
  [key: string]: unknown;
};

/** The session's keys, and the one that is derived from them. */
export type SessionSecrets = Secrets & { ingestKey: string };

/** Reads a tracked config. The session never writes one. */
export function readTrackedConfig(worker: WorkerName): WranglerConfig {
  return parse(readFileSync(join(ROOT, WORKERS[worker]), "utf8")) as WranglerConfig;
}

/** Writes the session's own config of every Worker into the state folder; paths in the order of `WORKERS`. */
export function writeConfigs(settings: Settings, secrets: SessionSecrets): string[] {
  return (Object.keys(WORKERS) as WorkerName[]).map((worker) => {
    const config = deriveConfig(worker, readTrackedConfig(worker), settings, secrets);
    const path = configPath(settings.state, worker);
    mkdirSync(dirname(path), { recursive: true });
    writePrivateFile(path, JSON.stringify(config, null, 2));
    return path;
  });
}

export function configPath(state: string, worker: WorkerName): string {
  return join(state, "configs", worker, "wrangler.json");
}

/** The tracked config with absolute paths and this session's variables. */
export function deriveConfig(
  worker: WorkerName,
  tracked: WranglerConfig,
  settings: Settings,
  secrets: SessionSecrets,
): WranglerConfig {
  const home = dirname(join(ROOT, WORKERS[worker]));
  const main = resolve(home, tracked.main);
  const config: WranglerConfig = { ...tracked, main, ...builtConfig(worker, settings) };
  // `[secrets]` would hide MASTER_KEY and INGEST_KEY, which are variables here; routes would change the host that Workers see.
  for (const unwanted of ["secrets", "route", "routes"]) delete config[unwanted];
  config.d1_databases = tracked.d1_databases?.map((database) => ({
    ...database,
    migrations_dir: resolve(home, database.migrations_dir),
  }));
  if (tracked.assets?.directory) {
    config.assets = { ...tracked.assets, directory: resolve(home, tracked.assets.directory) };
  }
  config.vars = { ...tracked.vars, ...sessionVars(worker, settings, secrets), ...settings.vars };
  return config;
}

/** A built Worker has what it imports as files beside it. */
function builtConfig(worker: WorkerName, { built }: Settings) {
  if (built === undefined) return {};
  const rules = [
    { type: "ESModule", globs: ["index.js"] },
    { type: "Text", globs: ["**/*.txt", "**/*.html"] },
  ];
  return { main: builtWorker(built, worker), no_bundle: true, rules };
}

function sessionVars(
  worker: WorkerName,
  settings: Settings,
  secrets: SessionSecrets,
): Record<string, string> {
  const vars: Record<string, string> = {
    BASE_DOMAIN: "localhost",
    APP_URL: settings.publicUrl ?? settings.appUrl,
    INGEST_URL: settings.ingestUrl,
    ALLOW_LOOPBACK: "true",
    // A session tells nobody on the internet which names it calls.
    DOH_URL: "",
    LOG_LEVEL: "debug",
    SWEEP_GRACE_MS: String(Math.min(MINUTE_MS, settings.tickMs)),
  };
  // As in a deployment: the Worker that takes strangers' requests never sees the master key.
  if (worker === "edge") {
    vars.INGEST_KEY = secrets.ingestKey;
    vars.DEFAULT_PHONE_SOURCE = PHONE_DEMO.slug;
  } else vars.MASTER_KEY = secrets.masterKey;
  Object.assign(vars, portalVars(worker, settings));
  if (worker === "app") {
    vars.DEFAULT_KAKAO_SOURCE = KAKAO_DEMO.slug;
    vars.DEFAULT_CHAT_SOURCE = CHAT_DEMO.slug;
    vars.KAKAO_CALLBACK_ORIGINS = kakaoCallbackOrigins(settings);
  }
  // The page hands this key to whoever opens it, so it exists only where nobody else can.
  if (worker === "app" && isLoopback(settings.host) && !settings.publicUrl) {
    vars.LOCAL_PAGE_KEY = secrets.pageKey;
  }
  return vars;
}

/** The browser Worker logs in; the consumer has to know whose phone the codes come to, and no more. */
function portalVars(worker: WorkerName, { portalVars: all }: Settings): Record<string, string> {
  if (worker === "browser") return all;
  const phones = Object.entries(all).filter(([name]) => name.endsWith("_PHONE"));
  return worker === "consumer" ? Object.fromEntries(phones) : {};
}
