import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { KILL_WAIT_MS, STOP_GRACE_MS } from "../../src/local/constants.ts";
import { pickPort } from "../support/pick-port.ts";
import { isGroupAlive, listProcesses } from "../support/processes.ts";
import { newStateFolder, ROOT, runProgram } from "../support/run-program.ts";
import { readLocalFile, startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";

// Several starts in a row, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000 });

/** Other tests start from the sources; here it is how a session begins, goes on and ends. */
const BUILT = { BATON_BUILT: inject("builtWorkers") ?? "" };

type Processes = { pid: number; wranglerPid: number };

function processesOf(state: string): Processes {
  return JSON.parse(readFileSync(join(state, "processes.json"), "utf8")) as Processes;
}

async function isPortFree(port: string | undefined): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health`).then(
    () => false,
    () => true,
  );
}

async function slugs(session: TestSession): Promise<string[]> {
  const answer = (await (await session.api("/sources")).json()) as { data: { slug: string }[] };
  return answer.data.map(({ slug }) => slug).toSorted();
}

// One folder lives through: start, a change, SIGTERM, restart, SIGKILL of the session alone, restart, Ctrl-C,
// reset, wrangler's own end.
test("data and key survive restarts, every stop leaves nothing behind, reset empties", async () => {
  const first = await startSession({ env: BUILT });
  const { env, state, apiKey } = first;
  const body = JSON.stringify({ slug: "kept", name: "Kept" });
  expect((await first.api("/sources", { method: "POST", body })).status).toBe(201);

  // A second session on the same folder, on other ports, is refused in one line; so is a reset.
  const ports = {
    BATON_PORT: String(await pickPort()),
    BATON_RECEIVER_PORT: String(await pickPort()),
  };
  const second = await runProgram("src/local/start.ts", { env: { ...ports, BATON_STATE: state } });
  expect(await second.exited).toBe(1);
  expect(second.output()).toMatch(
    /^A session already runs on [^\n]+ BATON_STATE=[^\n]+ npm start\n$/,
  );
  // With the same ports too, as when `npm start` is typed twice, the remedy names all that has to differ.
  const twice = await runProgram("src/local/start.ts", { env });
  expect(await twice.exited).toBe(1);
  expect(twice.output()).toMatch(
    /^Port \d+ is in use\. [^\n]*BATON_STATE=\S+ BATON_RECEIVER_PORT=\d+ BATON_PORT=\d+ npm start\n$/,
  );
  const early = await runProgram("src/local/reset.ts", { env });
  expect(await early.exited).toBe(1);
  expect(early.output()).toMatch(/^A session runs on [^\n]+ Stop it first [^\n]+\n$/);

  const processes = processesOf(state);
  expect(await first.stop("SIGTERM")).toBe(0);
  // What does not stop by itself is killed: 5 s at the most, whatever the Workers do.
  expect(STOP_GRACE_MS + KILL_WAIT_MS).toBeLessThan(5_000);
  expect(isGroupAlive(processes.wranglerPid)).toBe(false);
  expect(await isPortFree(env.BATON_PORT)).toBe(true);
  expect(await isPortFree(env.BATON_RECEIVER_PORT)).toBe(true);
  // Key and URLs stay; no process is claimed that does not live.
  expect(readLocalFile(state)).toEqual({ ...first.file, pid: undefined });

  const restarted = await startSession({ env });
  expect(restarted.apiKey).toBe(apiKey);
  expect(restarted.file.organizationId).toBe(first.file.organizationId);
  expect(await slugs(restarted)).toEqual(["chat", "demo", "kakao", "kept", "phone"]);

  // SIGKILL to the session alone: whatever it started goes with it.
  const { pid, wranglerPid } = processesOf(state);
  process.kill(pid, "SIGKILL");
  await restarted.exited;
  await waitFor(() => !isGroupAlive(wranglerPid), { what: "wrangler to go" });

  const third = await startSession({ env });
  expect(await slugs(third)).toEqual(["chat", "demo", "kakao", "kept", "phone"]);
  expect(await third.stop("SIGINT")).toBe(0);

  // What is not the session's own stays in the folder.
  writeFileSync(join(state, "notes.txt"), "mine");
  const reset = await runProgram("src/local/reset.ts", { env });
  expect(await reset.exited).toBe(0);
  expect(readdirSync(state)).toEqual(["notes.txt"]);
  const fresh = await startSession({ env });
  expect(fresh.apiKey).not.toBe(apiKey);
  expect(await slugs(fresh)).toEqual(["chat", "demo", "kakao", "phone"]);

  // Without wrangler there is no session: one line, exit code 1.
  const before = fresh.output();
  process.kill(processesOf(state).wranglerPid, "SIGKILL");
  expect(await fresh.exited).toBe(1);
  expect(fresh.output().slice(before.length)).toMatch(
    /^wrangler ended by itself \(SIGKILL\)[^\n]+npm start\n$/,
  );
});

test("a deleted demo key is replaced at the next start", async () => {
  const first = await startSession({ env: BUILT });
  const keys = (await (await first.api("/api-keys")).json()) as {
    data: { id: string; hint: string }[];
  };
  const own = keys.data.find(({ hint }) => first.apiKey.endsWith(hint));
  // The last key with scope `admin` cannot be deleted.
  const another = JSON.stringify({ name: "another", scopes: ["admin"] });
  expect((await first.api("/api-keys", { method: "POST", body: another })).status).toBe(201);
  expect((await first.api(`/api-keys/${own?.id}`, { method: "DELETE" })).status).toBe(204);
  await first.stop();

  const refused = await runProgram("src/local/start.ts", { env: first.env });
  expect(await refused.exited).toBe(1);
  expect(refused.output()).toContain("The demo API key was deleted.");
  const second = await startSession({ env: first.env });
  expect(second.apiKey).not.toBe(first.apiKey);
  expect(await slugs(second)).toEqual(["chat", "demo", "kakao", "phone"]);
  await second.kill();
  expect(isGroupAlive(processesOf(second.state).wranglerPid)).toBe(false);
});

test("a stop during the start leaves nothing behind either", async () => {
  const program = await runProgram("src/local/start.ts");
  await waitFor(() => existsSync(join(program.state, "processes.json")), { what: "wrangler" });
  program.child.kill("SIGINT");
  expect(await program.exited).toBe(0);
  expect(isGroupAlive(processesOf(program.state).wranglerPid)).toBe(false);
  expect(readLocalFile(program.state)).toBeUndefined();
});

test("SIGTERM to npm stops everything", async () => {
  const state = newStateFolder();
  const env = {
    ...process.env,
    BATON_STATE: state,
    BATON_PORT: String(await pickPort()),
    BATON_RECEIVER_PORT: String(await pickPort()),
  };
  const npm = spawn("npm", ["start"], { cwd: ROOT, env, stdio: "ignore" });
  onTestFinished(() => void npm.kill("SIGTERM"));
  const file = await waitFor(
    () => readLocalFile(state)?.pid !== undefined && readLocalFile(state),
    {
      what: "npm start",
      deadlineMs: 90_000,
    },
  );
  const { wranglerPid } = processesOf(state);
  expect(isGroupAlive(wranglerPid)).toBe(true);
  npm.kill("SIGTERM");
  const isRunning = (pid?: number) =>
    listProcesses().some((entry) => entry.pid === pid && entry.state !== "Z");
  await waitFor(() => !isGroupAlive(wranglerPid) && !isRunning(file.pid), {
    what: "everything to stop",
  });
});
