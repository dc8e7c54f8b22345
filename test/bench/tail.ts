// What the tail does in a burst: 50,000 lines/s for 10 s, 1 % of them match; then how fast it catches up, beside a
// plain stream that only splits lines. Run: node scripts/run.mjs test/bench/tail.ts [lines per s] [seconds]
import { fork } from "node:child_process";
import { appendFileSync, createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tailFiles } from "../../src/tail/tail-files.ts";

const STEP_MS = 20;
const [rate = 50_000, seconds = 10] = process.argv.slice(2).map(Number);
const total = rate * seconds;

const lineOf = (number: number) =>
  `2026-02-12T12:34:56.789Z ${number % 100 === 0 ? "ERROR" : "INFO "} [worker-7] order ${number} 결제 승인 ${"x".repeat(60)}\n`;

if (process.send) await write(process.argv.at(-1) ?? "");
else await measure();

/** The burst comes from a process of its own, as logs do. */
async function write(log: string): Promise<void> {
  const start = performance.now();
  for (let written = 0; written < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - start) / 1000) * rate));
    const lines: string[] = [];
    while (written < due) lines.push(lineOf(written++));
    appendFileSync(log, lines.join(""));
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  process.disconnect();
}

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "baton-bench-"));
  const log = join(folder, "app.log");
  try {
    writeFileSync(log, "");
    const burst = await follow(folder, log, "burst", () => {
      fork(import.meta.filename, [String(rate), String(seconds), log]);
    });
    print("burst", burst);
    const catchUp = await follow(folder, log, "catch-up", () => {});
    print("catch-up", catchUp);
    const plain = await readPlainly(log);
    console.log(`plain createReadStream + split: ${total} lines in ${plain.toFixed(2)} s`);
    console.log(`catch-up took ${(catchUp.seconds / plain).toFixed(2)} times as long as that`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Run = { seen: number; matched: number; sent: number; seconds: number; maxRssMiB: number };

async function follow(folder: string, log: string, name: string, begin: () => void): Promise<Run> {
  const keys = new Set<string>();
  const stopping = new AbortController();
  let maxRss = 0;
  const startedAt = performance.now();
  begin();
  const last = await tailFiles(
    {
      patterns: [log],
      checkpointFile: join(folder, `${name}.json`),
      match: (text) => text.includes("ERROR"),
      start: "beginning",
      cooldownMs: 0,
      statusMs: 50,
    },
    {
      deliver: async (alerts) => {
        for (const { idempotencyKey } of alerts) keys.add(idempotencyKey);
      },
      onStatus: ({ seen, lagBytes }) => {
        maxRss = Math.max(maxRss, process.memoryUsage.rss());
        if (seen >= total && lagBytes === 0) stopping.abort();
      },
      signal: stopping.signal,
    },
  );
  const seconds = (performance.now() - startedAt) / 1000;
  return { ...last, sent: keys.size, seconds, maxRssMiB: Math.round(maxRss / 1024 / 1024) };
}

function print(name: string, { seen, matched, sent, seconds, maxRssMiB }: Run): void {
  const lost = Math.ceil(total / 100) - sent;
  console.log(
    `${name}: ${seen} seen, ${matched} matched, ${sent} sent, ${lost} lost; ${seconds.toFixed(2)} s (${Math.round(seen / seconds)} lines/s), max RSS ${maxRssMiB} MiB`,
  );
}

async function readPlainly(log: string): Promise<number> {
  const startedAt = performance.now();
  let rest = "";
  let seen = 0;
  for await (const chunk of createReadStream(log, { encoding: "utf8" })) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    seen += lines.length;
  }
  if (seen !== total) throw new Error(`the plain reader saw ${seen} lines`);
  return (performance.now() - startedAt) / 1000;
}
