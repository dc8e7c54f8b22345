import type { Notice } from "./notice.ts";
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
  problems: Notice[];
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
