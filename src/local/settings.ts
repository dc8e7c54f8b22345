import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BadChatVar, readChatSettings } from "../chat-auth/settings.ts";
import { BadKakaoVar, readKakaoSettings } from "../kakao/settings.ts";
import { MIN_TICK_MS, MINUTE_MS, WORKERS } from "./constants.ts";
import { LocalError } from "./local-error.ts";
import type { Messages } from "./messages.ts";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

const ANY_HOST = ["0.0.0.0", "::"];

const LOG_LEVELS = ["debug", "info", "warn", "error"];
/** The account of the default portal, as a deployment's secrets have it; the second name of each is an older one. */
export const PORTAL_VARS = [
  ...["USERNAME", "PASSWORD", "PHONE"].flatMap((name) => [`PORTAL_${name}`, `BAEMIN_${name}`]),
  "PORTAL_ORIGINS",
];
/** Of a variable's value in an error. */
const MAX_SHOWN_CHARS = 60;

export type Settings = {
  port: number;
  receiverPort: number;
  /** IP address that the session listens on. */
  host: string;
  /** Folder of everything that survives a restart. */
  state: string;
  /** Folder of built Workers, each in one of its name; absent: the sources, whose changes the session follows. */
  built?: string;
  /** Where scripts find the session. */
  localFile: string;
  /** A tunnel's origin, without a slash at the end. */
  publicUrl?: string;
  /** How long a minute of the ticker lasts. */
  tickMs: number;
  /** Variables for every Worker (`BATON_VAR_<NAME>`). */
  vars: Record<string, string>;
  /** The default portal's account, for the Workers that read it. */
  portalVars: Record<string, string>;
  /** Where this process reaches the session, whatever it is called outside. */
  origin: string;
  appUrl: string;
  ingestUrl: string;
  receiverUrl: string;
};

/** Reads the environment. Throws one line with the remedy for a value it cannot use. */
export function readSettings(env: NodeJS.ProcessEnv, say: Messages): Settings {
  const port = readInteger(env, "BATON_PORT", 8787, 1, 65_535, say);
  const receiverPort = readInteger(env, "BATON_RECEIVER_PORT", 8788, 1, 65_535, say);
  if (port === receiverPort) {
    throw new LocalError(
      say.badSetting("BATON_RECEIVER_PORT", String(port), say.mustDiffer("BATON_PORT")),
    );
  }
  const host = readHost(env, say);
  const state = resolve(env.BATON_STATE || resolve(ROOT, ".baton/state"));
  readLanguage(env, say);
  return {
    port,
    receiverPort,
    host,
    state,
    built: readBuilt(env, say),
    localFile: env.BATON_STATE ? resolve(state, "local.json") : resolve(ROOT, ".baton/local.json"),
    publicUrl: readPublicUrl(env, say),
    tickMs: readInteger(env, "BATON_TICK_MS", MINUTE_MS, MIN_TICK_MS, MINUTE_MS, say),
    vars: readVars(env, say),
    portalVars: Object.fromEntries(
      PORTAL_VARS.flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
    ),
    origin: `http://${urlHost(ANY_HOST.includes(host) ? "127.0.0.1" : host)}:${port}`,
    appUrl: `http://${isOpenToAll(host) || isLoopback(host) ? "localhost" : urlHost(host)}:${port}`,
    ingestUrl: `http://{slug}.localhost:${port}`,
    receiverUrl: `http://127.0.0.1:${receiverPort}`,
  };
}

export function isLoopback(host: string): boolean {
  return host === "::1" || host.startsWith("127.");
}

/** True for an address that other machines reach on every interface. */
export function isOpenToAll(host: string): boolean {
  return ANY_HOST.includes(host);
}

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function readInteger(
  env: NodeJS.ProcessEnv,
  name: string,
  otherwise: number,
  min: number,
  max: number,
  say: Messages,
): number {
  const text = env[name];
  if (!text) return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new LocalError(say.badSetting(name, text, say.wholeNumber(min, max, otherwise)));
}

function readHost(env: NodeJS.ProcessEnv, say: Messages): string {
  const text = env.BATON_HOST || "127.0.0.1";
  if (text === "localhost") return "127.0.0.1";
  if (isIP(text)) return text;
  throw new LocalError(say.badSetting("BATON_HOST", text, say.ipAddress));
}

function readLanguage(env: NodeJS.ProcessEnv, say: Messages): void {
  const text = env.BATON_LANG;
  if (!text || /^(en|ko)/i.test(text)) return;
  throw new LocalError(say.badSetting("BATON_LANG", text, say.enOrKo));
}

function readBuilt(env: NodeJS.ProcessEnv, say: Messages): string | undefined {
  if (!env.BATON_BUILT) return undefined;
  const folder = resolve(env.BATON_BUILT);
  const areThere = Object.keys(WORKERS).every((name) => existsSync(builtWorker(folder, name)));
  if (areThere) return folder;
  throw new LocalError(say.badSetting("BATON_BUILT", env.BATON_BUILT, say.builtWorkers));
}

/** The entry file of a Worker as `npm run deploy -- --dry-run` builds it: another one where requests come in. */
export function builtWorker(folder: string, name: string): string {
  const takesRequests = name === "edge" || name === "app";
  return join(folder, name, takesRequests ? "local.js" : "index.js");
}

function readPublicUrl(env: NodeJS.ProcessEnv, say: Messages): string | undefined {
  const text = env.BATON_PUBLIC_URL;
  if (!text) return undefined;
  const url = URL.parse(text);
  const isOrigin = url?.pathname === "/" && !url.search && !url.hash && !url.username;
  if (url && isOrigin && /^https?:$/.test(url.protocol)) return url.origin;
  throw new LocalError(say.badSetting("BATON_PUBLIC_URL", text, say.originOnly));
}

function readVars(env: NodeJS.ProcessEnv, say: Messages): Record<string, string> {
  const vars: Record<string, string> = {};
  for (const [key, value] of Object.entries(env)) {
    if (!key.startsWith("BATON_VAR_") || value === undefined) continue;
    const name = key.slice("BATON_VAR_".length);
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      throw new LocalError(say.badSetting(key, value, say.variableName));
    }
    vars[name] = value;
  }
  checkVars(vars, say);
  return vars;
}

/** Of what the Workers could not use, the session says so before it starts them. */
function checkVars(vars: Record<string, string>, say: Messages): void {
  const level = vars.LOG_LEVEL;
  if (level && !LOG_LEVELS.includes(level)) {
    throw badVar("LOG_LEVEL", level, say.oneOf(LOG_LEVELS.join(", ")), say);
  }
  try {
    readKakaoSettings({ ...vars, BASE_DOMAIN: "localhost" });
    readChatSettings({ ...vars, BASE_DOMAIN: "localhost" });
  } catch (error) {
    if (error instanceof BadChatVar) {
      const { variable } = error;
      throw badVar(variable, vars[variable] ?? "", say.chatVars[variable], say);
    }
    if (!(error instanceof BadKakaoVar)) throw error;
    const { variable, max } = error;
    throw badVar(variable, vars[variable] ?? "", say.kakaoVars[variable](max), say);
  }
}

function badVar(name: string, value: string, remedy: string, say: Messages): LocalError {
  // On one line, however long it is.
  const shown = value.replaceAll(/\s+/g, " ").slice(0, MAX_SHOWN_CHARS);
  return new LocalError(say.badSetting(`BATON_VAR_${name}`, shown, remedy));
}
