import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import type { Status } from "../../src/tail/index.ts";
import { atEndOfFile } from "../support/at-end.ts";
import { COMPILE_CACHE } from "../support/compile-cache.ts";
import { waitFor } from "../support/wait-for.ts";

const MAIN = resolve("src/cli/main.ts");

export type TailProgram = ReturnType<typeof startProgram>;

/** Runs `baton tail …` as a process of its own; it is gone after the test file. */
export function startProgram(args: string[], env: Record<string, string> = {}, cwd = "/") {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [MAIN, "tail", ...args], {
    cwd,
    env: { PATH, HOME, ...COMPILE_CACHE, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  atEndOfFile(() => child.kill("SIGKILL"));
  const texts = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (texts.out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (texts.err += chunk));
  const ended = new Promise<number | string>((done) => {
    child.once("close", (code, signal) => done(signal ?? code ?? 0));
  });
  const says = (text: string) =>
    waitFor(() => texts.err.includes(text), { what: `"${text}"`, explain: () => texts.err });
  /** The last JSON it wrote; empty before the first. */
  const status = (): Partial<Status> => {
    const lines = texts.err.split("\n").slice(0, -1);
    return JSON.parse(lines.findLast((line) => line.startsWith("{")) ?? "{}") as Partial<Status>;
  };
  return {
    child,
    status,
    out: () => texts.out,
    err: () => texts.err,
    says,
    /** Waits until it has looked for files: what is written from now on is new. */
    looked: () => says('"files":'),
    ended,
    end(signal: NodeJS.Signals): Promise<number | string> {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs it to its end. */
export async function runProgram(args: string[], env: Record<string, string> = {}) {
  const program = startProgram(args, env);
  return { code: await program.ended, out: program.out(), err: program.err() };
}

/** What every run of these tests has: its files in a folder, each line told, JSON once a second. */
export function inFolder(folder: string, ...more: string[]): string[] {
  const checkpoint = join(folder, "state", "tail.json");
  const always = ["--match", "ERROR", "--cooldown", "0", "--status-json", "1"];
  return [join(folder, "*.log"), "--checkpoint", checkpoint, ...always, ...more];
}

const SOURCE = { enabled: true, requireSender: false, dedup: null };

/** The API's list of sources, one a page, for the key `bt_good`. */
export async function startApi(sources: Record<string, unknown>[]) {
  const api = { url: "", asked: 0, status: 200 };
  const server = createServer((request, response) => {
    api.asked++;
    const url = new URL(request.url ?? "/", "http://api.test");
    const isKnown = request.headers.authorization === "Bearer bt_good";
    const status = url.pathname === "/api/v1/sources" ? (isKnown ? api.status : 401) : 404;
    const index = Number(url.searchParams.get("cursor") ?? "0");
    const data = sources.slice(index, index + 1).map((source) => ({ ...SOURCE, ...source }));
    const nextCursor = index + 1 < sources.length ? String(index + 1) : null;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(status === 200 ? { data, nextCursor } : { status }));
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  atEndOfFile(() => {
    server.closeAllConnections();
    server.close();
  });
  api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return api;
}
