import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Where the checkpoint is when nothing is said: beside other programs' state. */
export function defaultCheckpoint(env: NodeJS.ProcessEnv): string {
  // Relative paths in XDG variables do not count.
  const folder = env.XDG_STATE_HOME?.startsWith("/")
    ? env.XDG_STATE_HOME
    : resolve(homedir(), ".local/state");
  return join(folder, "baton", "tail.json");
}

/** What a running agent writes for `--status`. */
export function statusFileOf(checkpointFile: string): string {
  return `${checkpointFile}.status`;
}

export function statusDraftOf(checkpointFile: string): string {
  return `${statusFileOf(checkpointFile)}.tmp`;
}
