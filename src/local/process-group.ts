import { fork } from "node:child_process";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { KILL_WAIT_MS, POLL_MS, STOP_GRACE_MS } from "./constants.ts";
import { waitUntil } from "./wait-until.ts";

export type ProcessGroup = {
  /** Id of the process and of its group. */
  pid: number;
  /** Exit code, or the signal's name, once the first process has ended and its output was read. */
  exited: Promise<string>;
  /** Ends the whole group: SIGTERM, then SIGKILL. Safe to call twice. */
  stop: () => Promise<void>;
};

const WATCHDOG = new URL("./watchdog.ts", import.meta.url).href;

/**
 * Runs a Node script as leader of its own process group, so that a Ctrl-C in the terminal reaches only us and
 * stopping reaches everything the script started. When we die without a word, the watchdog ends the group.
 */
export function startGroup(
  script: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; onLine: (line: string) => void },
): ProcessGroup {
  const child = fork(script, [...args], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    execArgv: ["--no-warnings", "--import", WATCHDOG],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    // Colours are for terminals; here lines are read by programs.
    const lines = createInterface({ input: stream });
    lines.on("line", (line) => options.onLine(stripVTControlCharacters(line)));
  }
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ?? String(code)));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${script} could not be started`);
  let ended = false;
  child.once("exit", () => {
    ended = true;
  });
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= stopGroup(pid, () => ended));
  return { pid, exited, stop };
}

async function stopGroup(pid: number, leaderEnded: () => boolean): Promise<void> {
  signalGroup(pid, "SIGTERM");
  await waitUntil(() => leaderEnded() || !groupExists(pid), STOP_GRACE_MS, POLL_MS);
  // Whatever the leader left behind has nobody to report to any more.
  signalGroup(pid, "SIGKILL");
  await waitUntil(() => !groupExists(pid), KILL_WAIT_MS, POLL_MS);
}

function groupExists(pid: number): boolean {
  return signalGroup(pid, 0);
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
