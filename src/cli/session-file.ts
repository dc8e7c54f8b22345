import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalFile } from "../local/local-file.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import type { Texts } from "./texts.ts";

export type LocalSession = {
  path: string;
  url: string;
  key: string;
  running: boolean;
  /** Of this machine, to which it hands answers for KakaoTalk users. */
  callbackOrigins: string[];
};

/**
 * The local session of `BATON_STATE`, of the clone that the command runs from, or of this folder. The last may be
 * anybody's: a file there must not lead `BATON_API_KEY` to another machine.
 */
export function findLocalSession(
  { env, clone, cwd }: Pick<Cli, "env" | "clone" | "cwd">,
  say: Texts,
): LocalSession | undefined {
  const own = env.BATON_STATE
    ? join(env.BATON_STATE, "local.json")
    : clone && join(clone, ".baton/local.json");
  if (own && existsSync(own)) return open(own, say);
  const path = join(cwd, ".baton/local.json");
  if (env.BATON_STATE || !existsSync(path)) return undefined;
  const found = open(path, say);
  return isLoopback(found.url) ? found : undefined;
}

function open(path: string, say: Texts): LocalSession {
  const file = read(path, say);
  const callbackOrigins = file.kakao?.callbackOrigins ?? [];
  return { path, url: file.appUrl, key: file.apiKey, running: isAlive(file.pid), callbackOrigins };
}

function isLoopback(url: string): boolean {
  try {
    return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
  } catch {
    return false;
  }
}

function read(path: string, say: Texts): LocalFile {
  try {
    const file = JSON.parse(readFileSync(path, "utf8")) as LocalFile;
    if (typeof file.appUrl === "string" && typeof file.apiKey === "string") return file;
  } catch {
    // Said below.
  }
  throw new CliError(say.errors.brokenFile(path));
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, and another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
