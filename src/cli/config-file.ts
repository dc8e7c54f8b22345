import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { writePrivateFile } from "../local/write-private-file.ts";
import { CliError } from "./cli-error.ts";
import type { Texts } from "./texts.ts";

/** `~/.config/baton/config.json`. */
export type ConfigFile = { url?: string; key?: string };

export function configPath(env: NodeJS.ProcessEnv): string {
  // The standard says that a relative path there is to be ignored.
  const base = env.XDG_CONFIG_HOME?.startsWith("/")
    ? env.XDG_CONFIG_HOME
    : join(env.HOME || homedir(), ".config");
  return join(base, "baton", "config.json");
}

/** The file, or undefined when there is none. Others who can read it are warned of: it holds a key. */
export function readConfigFile(
  path: string,
  say: Texts,
  warn: (text: string) => void,
): ConfigFile | undefined {
  if (!existsSync(path)) return undefined;
  if (statSync(path).mode & 0o077) warn(say.errors.openConfig(path));
  const read = parse(path, say);
  for (const name of ["url", "key"] as const) {
    if (read[name] !== undefined && typeof read[name] !== "string") {
      throw new CliError(say.errors.brokenFile(path));
    }
  }
  return read;
}

export function writeConfigFile(path: string, config: ConfigFile): void {
  const folder = dirname(path);
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o700);
  }
  writePrivateFile(path, `${JSON.stringify(config, null, 2)}\n`);
}

function parse(path: string, say: Texts): ConfigFile {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (value && typeof value === "object" && !Array.isArray(value)) return value;
  } catch {
    // Said below: it is one fault for the reader, whatever is wrong with the text.
  }
  throw new CliError(say.errors.brokenFile(path));
}
