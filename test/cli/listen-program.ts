import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { atEndOfFile } from "../support/at-end.ts";
import { COMPILE_CACHE } from "../support/compile-cache.ts";
import { waitFor } from "../support/wait-for.ts";

const MAIN = resolve("src/cli/main.ts");

export type Line = {
  source: { slug: string };
  eventId: string;
  deliveryId: string;
  attempt: number;
  method: string;
  path: string;
  ok: boolean;
  status: number | null;
  reason?: string;
  detail?: string;
  deliveryStatus: string | null;
  nextAttemptAt: string | null;
};

/** Runs `baton listen …` as a process of its own; it is gone after the test file. */
export function startListen(args: string[], env: Record<string, string>) {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [MAIN, "listen", ...args], {
    cwd: "/",
    env: { PATH, HOME, LANG: "C.UTF-8", ...COMPILE_CACHE, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  atEndOfFile(() => child.kill("SIGKILL"));
  const texts = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (texts.out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (texts.err += chunk));
  const ended = new Promise<number | string>((done) => {
    child.once("close", (code, signal) => done(signal ?? code ?? 0));
  });
  const explain = () => JSON.stringify(texts);
  return {
    child,
    ended,
    explain,
    out: () => texts.out,
    err: () => texts.err,
    /** The tries it has told, with `--json`. */
    lines: () =>
      texts.out
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line),
    says: (text: string) =>
      waitFor(() => `${texts.out}${texts.err}`.includes(text), {
        what: `"${text}"`,
        deadlineMs: 60_000,
        explain,
      }),
    end(signal: NodeJS.Signals): Promise<number | string> {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs it to its end. */
export async function runListen(args: string[], env: Record<string, string>) {
  const program = startListen(args, env);
  return { code: await program.ended, out: program.out(), err: program.err() };
}
