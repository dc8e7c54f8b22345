import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { COMPILE_CACHE } from "./compile-cache.ts";
import { pickPort } from "./pick-port.ts";
import { isGroupAlive } from "./processes.ts";
import { waitFor } from "./wait-for.ts";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

const STOP_DEADLINE_MS = 10_000;

export type ProgramOptions = {
  /** BATON_* variables; ports and the state folder are chosen when they are not given. */
  env?: Record<string, string>;
  args?: readonly string[];
};

/** A running program of the local session, whatever it does. */
export type Program = {
  child: ChildProcess;
  /** The variables it was started with: give them to `startSession` again for a restart on the same data. */
  env: Record<string, string>;
  state: string;
  /** Everything it has printed so far. */
  output: () => string;
  /** Exit code, or the signal's name. */
  exited: Promise<number | string>;
};

const running = new Set<Program>();
const folders = new Set<string>();
// Benchmarks use this file without vitest.
const vitest = process.env.VITEST ? await import("vitest") : undefined;
vitest?.afterAll(endEverything, 30_000);
const prepared = vitest?.inject("preparedState");
/** The sources are started where nothing is prepared, unless a test wants otherwise. */
const built = prepared && vitest?.inject("builtWorkers");

/** Starts a script of `src/local` the way npm does, with its own ports and state folder. */
export async function runProgram(script: string, options: ProgramOptions = {}): Promise<Program> {
  const state = options.env?.BATON_STATE ?? newStateFolder();
  const env = {
    BATON_PORT: String(await pickPort()),
    BATON_RECEIVER_PORT: String(await pickPort()),
    BATON_LANG: "en",
    // The browser that npm brings, whatever the machine has.
    BATON_CHROMIUM: "npm",
    ...(built === undefined ? {} : { BATON_BUILT: built }),
    ...options.env,
    BATON_STATE: state,
  };
  const args = ["scripts/run.mjs", script, ...(options.args ?? [])];
  const child = spawn(join(ROOT, "node_modules/.bin/node"), args, {
    cwd: ROOT,
    detached: true,
    env: { ...cleanEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  }
  const exited = new Promise<number | string>((resolve) => {
    child.once("close", (code, signal) => resolve(signal ?? code ?? 0));
  });
  const program: Program = { child, env, state, output: () => text, exited };
  running.add(program);
  void exited.then(() => running.delete(program));
  return program;
}

/** A state folder that is removed at the end of the test file. */
export function newStateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "baton-test-"));
  folders.add(folder);
  return folder;
}

/** A state folder whose databases are prepared, where the project has one to copy; an empty one elsewhere. */
export function newPreparedFolder(): string {
  const folder = newStateFolder();
  if (prepared !== undefined) cpSync(prepared, folder, { recursive: true });
  return folder;
}

/** Waits for the end of a program that was told to stop. */
export async function stopped(program: Program): Promise<number | string> {
  let code: number | string | undefined;
  void program.exited.then((value) => {
    code = value;
  });
  await waitFor(() => code !== undefined, {
    what: "the session to stop",
    deadlineMs: STOP_DEADLINE_MS,
    explain: program.output,
  });
  return code ?? 0;
}

/** Process groups of a session: its own, and wrangler's. */
function groupsOf(program: Program): number[] {
  const path = join(program.state, "processes.json");
  const saved = existsSync(path)
    ? (JSON.parse(readFileSync(path, "utf8")) as { pid: number; wranglerPid: number })
    : undefined;
  const own = program.child.pid ?? 0;
  return saved?.pid === own ? [own, saved.wranglerPid] : [own];
}

/** SIGKILL to a session and everything it started. */
export function killGroups(program: Program): void {
  for (const group of groupsOf(program)) {
    try {
      process.kill(-group, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}

/** True while any process of a session runs. */
export function anyAlive(program: Program): boolean {
  return groupsOf(program).some(isGroupAlive);
}

async function endEverything(): Promise<void> {
  const programs = [...running];
  for (const program of programs) killGroups(program);
  await waitFor(() => !programs.some(anyAlive), { what: "every session to end" });
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** This process's environment without what belongs to the test run. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...COMPILE_CACHE };
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^(BATON_|VITEST|VITE_|NODE_|MASTER_KEY$|INGEST_KEY$|LANG$|LC_)/.test(name))
      env[name] = value;
  }
  env.LANG = "C.UTF-8";
  env.PATH = `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`;
  // Makes the session look after its parent: it ends when a test run is killed.
  env.npm_lifecycle_event = "start";
  return env;
}
