import type { Counts, Tail } from "./tail.ts";

export type Status = Counts & {
  /** Open files. */
  files: number;
  /** Bytes that are written and not acknowledged. */
  lagBytes: number;
  /** Of last lines that have no newline yet. */
  heldBytes: number;
  queued: number;
  waitingFor: string[];
  /** What is wrong at the moment. */
  problems: string[];
  /** ms since 1970. */
  lastLineAt?: number;
  lastAcknowledgedAt?: number;
};

export function statusOf(tail: Tail): Status {
  const files = [...tail.files.values()];
  const { counts, queue, waitingFor, lastLineAt, lastAcknowledgedAt } = tail;
  return {
    files: files.length,
    lagBytes: files.reduce((sum, { size, ledger }) => {
      return sum + Math.max(0, size - ledger.acknowledged.offset);
    }, 0),
    heldBytes: files.reduce((sum, { splitter }) => sum + splitter.heldBytes, 0),
    ...counts,
    queued: queue.length,
    waitingFor,
    problems: [...tail.problems.values()],
    ...(lastLineAt !== undefined && { lastLineAt }),
    ...(lastAcknowledgedAt !== undefined && { lastAcknowledgedAt }),
  };
}

/** What the status line says, for other languages. */
export type StatusWords = {
  files: (count: number) => string;
  lag: (bytes: string) => string;
  lines: (seen: number, matched: number, sent: number) => string;
  noneAcknowledged: string;
  lastAcknowledged: (seconds: number) => string;
  waitingFor: (patterns: string) => string;
};

const ENGLISH: StatusWords = {
  files: (count) => `${count} ${count === 1 ? "file" : "files"}`,
  lag: (bytes) => `lag ${bytes}`,
  lines: (seen, matched, sent) => `lines ${seen} seen, ${matched} matched, ${sent} sent`,
  noneAcknowledged: "none acknowledged yet",
  lastAcknowledged: (seconds) => `last acknowledged ${seconds} s ago`,
  waitingFor: (patterns) => `waiting for ${patterns}`,
};

/** One line for a terminal of `columns`. */
export function statusLine(
  status: Status,
  now: number,
  columns = 120,
  words: StatusWords = ENGLISH,
): string {
  const { files, lagBytes, seen, matched, sent, lastAcknowledgedAt, waitingFor, problems } = status;
  const parts = [
    words.files(files),
    words.lag(bytesPhrase(lagBytes)),
    words.lines(seen, matched, sent),
    lastAcknowledgedAt === undefined
      ? words.noneAcknowledged
      : words.lastAcknowledged(Math.max(0, Math.round((now - lastAcknowledgedAt) / 1000))),
    ...(waitingFor.length > 0 ? [words.waitingFor(waitingFor.join(", "))] : []),
    ...(problems.length > 0 ? [`! ${problems.join(" ")}`] : []),
  ];
  const line = parts.join(" · ").replace(/\p{Cc}/gu, " ");
  return line.length > columns ? `${line.slice(0, columns - 1)}…` : line;
}

/** One line of JSON; times as ISO 8601. */
export function statusJson(status: Status): string {
  const { lastLineAt, lastAcknowledgedAt } = status;
  return JSON.stringify({
    ...status,
    lastLineAt: lastLineAt === undefined ? null : new Date(lastLineAt).toISOString(),
    lastAcknowledgedAt:
      lastAcknowledgedAt === undefined ? null : new Date(lastAcknowledgedAt).toISOString(),
  });
}

/** E.g. `1.5 KiB`. */
export function bytesPhrase(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
