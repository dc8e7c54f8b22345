import type { Notice, Status } from "../tail/index.ts";
import { NOTICE_TEXTS, sayNotice } from "./tail-notice-texts.ts";

/** What the status line says. */
export type StatusWords = {
  files: (count: number) => string;
  lag: (bytes: string) => string;
  lines: (seen: number, matched: number, sent: number) => string;
  noneAcknowledged: string;
  lastAcknowledged: (seconds: number) => string;
  waitingFor: (patterns: string) => string;
};

/** One line for a terminal; `problems` in words, `now` in ms since 1970. */
export function statusLine(
  status: Omit<Status, "problems">,
  problems: string[],
  now: number,
  words: StatusWords,
): string {
  const { files, lagBytes, seen, matched, sent, lastAcknowledgedAt, waitingFor } = status;
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
  return parts.join(" · ").replace(/\p{Cc}/gu, " ");
}

/** The status for a program: times as ISO 8601; of each problem code, values and what it says in English. */
export function statusFields(status: Status) {
  const { lastLineAt, lastAcknowledgedAt, problems } = status;
  const isoOf = (time: number | undefined) =>
    time === undefined ? null : new Date(time).toISOString();
  return {
    ...status,
    problems: problems.map((notice): Notice & { message: string } => ({
      ...notice,
      message: sayNotice(notice, NOTICE_TEXTS.en),
    })),
    lastLineAt: isoOf(lastLineAt),
    lastAcknowledgedAt: isoOf(lastAcknowledgedAt),
  };
}

/** E.g. `1.5 KiB`. */
export function bytesPhrase(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
