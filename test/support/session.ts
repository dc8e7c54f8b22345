import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalFile } from "../../src/local/local-file.ts";
import {
  anyAlive,
  killGroups,
  newPreparedFolder,
  type ProgramOptions,
  runProgram,
  stopped,
} from "./run-program.ts";
import { type SendOptions, sendTo } from "./send-to.ts";
import { waitFor } from "./wait-for.ts";

const READY_DEADLINE_MS = 90_000;

/**
 * Starts the real `npm start` and waits until it is ready. It is stopped, and its state folder removed, at the end of
 * the test file at the latest. `stop` and `kill` keep the folder, so that `startSession({ env: session.env })`
 * goes on with the same data and ports.
 */
export async function startSession(options: ProgramOptions = {}) {
  const { BATON_STATE = newPreparedFolder() } = options.env ?? {};
  const program = await runProgram("src/local/start.ts", {
    ...options,
    env: { ...options.env, BATON_STATE },
  });
  const { env, state, output } = program;
  let ended: number | string | undefined;
  void program.exited.then((code) => {
    ended = code;
  });
  const file = await waitFor(
    () => {
      if (ended !== undefined) throw new Error(`the session ended (${ended}):\n${output()}`);
      const found = readLocalFile(state);
      return found?.pid === program.child.pid && output().includes("Ctrl-C") ? found : undefined;
    },
    { what: "the session to be ready", deadlineMs: READY_DEADLINE_MS, explain: output },
  );
  const origin = `http://127.0.0.1:${env.BATON_PORT}`;

  return {
    ...program,
    file,
    appUrl: file.appUrl,
    /** A source's URL that every runtime can resolve; `send` speaks to `<slug>.localhost`. */
    ingestUrl: (slug: string) => `${origin}/in/${slug}`,
    apiKey: file.apiKey,
    receiverUrl: file.demo.receiverUrl,

    /** Calls `/api/v1<path>` with the demo key. */
    api(path: string, init: RequestInit = {}): Promise<Response> {
      const headers = new Headers(init.headers);
      headers.set("authorization", `Bearer ${file.apiKey}`);
      if (typeof init.body === "string" && !headers.has("content-type")) {
        headers.set("content-type", "application/json");
      }
      return fetch(`${origin}/api/v1${path}`, { ...init, headers });
    },

    /** Sends a request with any `host` header, e.g. `demo.localhost`; the port is added. */
    send: (host: string, path: string, init: SendOptions = {}) =>
      sendTo(Number(env.BATON_PORT), `${host}:${env.BATON_PORT}`, path, init),

    /** Asks the session to stop, as Ctrl-C or `kill` would. Gives the exit code. */
    async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | string> {
      program.child.kill(signal);
      return stopped(program);
    },

    /** SIGKILL to everything at once, as a power cut would. */
    async kill(): Promise<void> {
      killGroups(program);
      await program.exited;
      await waitFor(() => !anyAlive(program), { what: "killed processes to disappear" });
    },
  };
}

export type TestSession = Awaited<ReturnType<typeof startSession>>;

/** What scripts read about a session; undefined before its first start. */
export function readLocalFile(state: string): LocalFile | undefined {
  const path = join(state, "local.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as LocalFile) : undefined;
}
