import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll } from "vitest";
import type { Cli } from "../../src/cli/cli.ts";
import { run } from "../../src/cli/run.ts";
import { textsIn } from "../../src/cli/texts.ts";
import { languageOf } from "../../src/local/language.ts";

const cleanups: (() => void)[] = [];
afterAll(() => {
  for (const cleanup of cleanups) cleanup();
});

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "baton-cli-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

type World = {
  env?: Record<string, string>;
  cwd?: string;
  /** Null: it stays open and says nothing. */
  stdin?: string | null;
  /** Which streams are terminals. */
  terminals?: { stdin?: boolean; stdout?: boolean; stderr?: boolean };
  /** Of stderr, when it is a terminal. */
  columns?: number;
  signal?: AbortSignal;
};

export type Ran = { code: number; out: string; err: string };

/** Runs a command line in this process, with streams of its own and an empty home. */
export async function baton(words: readonly string[], world: World = {}): Promise<Ran> {
  const home = newFolder();
  const env = { HOME: home, LANG: "C.UTF-8", ...world.env };
  const { terminals = {} } = world;
  const stdin = Object.assign(new PassThrough(), { isTTY: terminals.stdin ?? false });
  if (world.stdin !== null) stdin.end(world.stdin ?? "");
  const stdout = collect(terminals.stdout);
  const stderr = collect(terminals.stderr, world.columns);
  const cli: Cli = {
    env,
    cwd: world.cwd ?? home,
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    say: textsIn(languageOf(env)),
    signal: world.signal ?? new AbortController().signal,
  };
  const code = await run(cli, words);
  return { code, out: stdout.text(), err: stderr.text() };
}

function collect(isTTY = false, columns?: number) {
  const chunks: Buffer[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY, columns });
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString("utf8") };
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that stands where a deployment would, for what a real one does not do on demand. */
export async function serve(answer: Answer) {
  const requests: { method: string; url: string; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    requests.push({ method, url, authorization: headers.authorization });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
