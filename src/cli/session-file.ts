import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalFile } from "../local/local-file.ts";
import { CliError } from "./cli-error.ts";
import type { Texts } from "./texts.ts";

export type LocalSession = { path: string; url: string; key: string; running: boolean };

/** The local session of `BATON_STATE`, of this folder, or of the clone that the command runs from. */
export function findLocalSession(
  env: NodeJS.ProcessEnv,
  folders: readonly string[],
  say: Texts,
): LocalSession | undefined {
  const paths = env.BATON_STATE
    ? [join(env.BATON_STATE, "local.json")]
    : folders.map((folder) => join(folder, ".baton/local.json"));
  const path = paths.find((candidate) => existsSync(candidate));
  if (!path) return undefined;
  const file = read(path, say);
  return { path, url: file.appUrl, key: file.apiKey, running: isAlive(file.pid) };
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
