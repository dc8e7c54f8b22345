import { appendFileSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Alert } from "../../src/tail/alert.ts";
import type { Clock } from "../../src/tail/clock.ts";
import type { Deliver } from "../../src/tail/deliver-queued.ts";
import type { Notice } from "../../src/tail/notice.ts";
import type { TailOptions } from "../../src/tail/settings.ts";
import type { Status } from "../../src/tail/status.ts";
import { tailFiles } from "../../src/tail/tail-files.ts";
import { atEndOfFile } from "../support/at-end.ts";
import { waitFor } from "../support/wait-for.ts";

/** A folder of the test's own, gone after its file. */
export function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "baton-tail-")));
  atEndOfFile(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export type TestTail = {
  alerts: Alert[];
  warnings: Notice[];
  status: () => Status;
  /** Messages so far. */
  texts: () => string[];
  /** Waits until exactly these have come, in this order. */
  told: (...texts: string[]) => Promise<void>;
  /** Waits until as much was read as there is, and looked again since. */
  settled: () => Promise<void>;
  /** Waits until the status says so. */
  reaches: (wanted: Partial<Status>) => Promise<void>;
  stop: () => Promise<Status>;
};

type TestOptions = Partial<TailOptions> & { deliver?: Deliver; clock?: Clock };

/** Follows files of a folder and takes every alert. Fast, every line, no cool-down, unless told otherwise. */
export async function startTail(
  folder: string,
  pattern: string | string[],
  options: TestOptions = {},
): Promise<TestTail> {
  const { deliver, clock, ...more } = options;
  const alerts: Alert[] = [];
  const warnings: Notice[] = [];
  const statuses: Status[] = [];
  const stopping = new AbortController();
  const patterns = [pattern].flat().map((name) => join(folder, name));
  const ended = tailFiles(
    {
      patterns,
      checkpointFile: join(folder, "state", "checkpoint.json"),
      match: () => true,
      cooldownMs: 0,
      pollMs: 20,
      statusMs: 10,
      graceMs: 100,
      ...more,
    },
    {
      deliver: async (batch, context) => {
        await deliver?.(batch, context);
        alerts.push(...batch);
      },
      onWarning: (notice) => warnings.push(notice),
      onStatus: (status) => statuses.push(status),
      signal: stopping.signal,
      ...(clock && { clock }),
    },
  );
  const status = () => statuses.at(-1) as Status;
  const stop = () => {
    stopping.abort();
    return ended;
  };
  onTestFinished(async () => {
    await stop().catch(() => {});
  });
  const texts = () => alerts.map(({ message }) => message);
  const explain = () => JSON.stringify({ texts: texts(), warnings, status: status() }, null, 1);
  const told = async (...expected: string[]) => {
    const wanted = JSON.stringify(expected);
    const what = `the messages ${wanted}`;
    await waitFor(() => JSON.stringify(texts()) === wanted, { what, everyMs: 5, explain });
  };
  const reaches = async (wanted: Partial<Status>) => {
    const entries = Object.entries(wanted);
    const isReached = () => entries.every(([name, value]) => Reflect.get(status(), name) === value);
    await waitFor(isReached, { what: JSON.stringify(wanted), everyMs: 5, explain });
  };
  const settled = async () => {
    const since = statuses.length;
    const isSettled = () => {
      // Ten looks long nothing new.
      const latest = statuses.slice(-20);
      if (statuses.length < since + 20) return false;
      const { lagBytes, heldBytes, queued, seen } = latest.at(-1) as Status;
      return lagBytes === heldBytes && queued === 0 && latest.every((one) => one.seen === seen);
    };
    await waitFor(isSettled, { what: "everything to be read", everyMs: 5, explain });
  };
  // The first look is over: what appears from now on is new.
  const first = waitFor(() => statuses.length > 5, { what: "the tail's first look", everyMs: 5 });
  await Promise.race([first, ended]);
  return { alerts, warnings, status, texts, told, settled, reaches, stop };
}

/** Writes whole lines at a file's end. */
export function addLines(path: string, ...lines: string[]): void {
  appendFileSync(path, lines.map((line) => `${line}\n`).join(""));
}

/** For the rest of the test: root may read everything. */
export function becomeNobody(): void {
  if (process.geteuid?.() !== 0) return;
  process.seteuid?.(65534);
  onTestFinished(() => process.seteuid?.(0));
}
