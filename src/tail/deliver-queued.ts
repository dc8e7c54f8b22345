import type { Alert } from "./alert.ts";
import { BATCH_ALERTS, FIRST_RETRY_MS, MAX_RETRY_MS } from "./constants.ts";
import { type Notice, TailFault } from "./notice.ts";
import { pause } from "./pause.ts";
import { reportProblem, solveProblem, type Tail } from "./tail.ts";

export type DeliveryContext = {
  /** Aborted when stopping has taken too long. */
  signal: AbortSignal;
  /** Shows what holds delivery up; nothing when all is well again. */
  report: (problem?: Notice) => void;
};

/** Resolves when all alerts have arrived; what it rejects is handed over again. A TailFault says why. */
export type Deliver = (alerts: Alert[], context: DeliveryContext) => Promise<void>;

const CONCERNING = "delivery";

/** Hands alerts over in order, as long as it takes, and acknowledges them. Ends when the queue is closed and empty. */
export async function deliverQueued(
  tail: Tail,
  deliver: Deliver,
  signal: AbortSignal,
): Promise<void> {
  const report = (problem?: Notice) =>
    problem ? reportProblem(tail, CONCERNING, problem) : solveProblem(tail, CONCERNING);
  let failures = 0;
  for (;;) {
    const drafts = await tail.queue.next(BATCH_ALERTS);
    if (drafts.length === 0) return;
    const alerts = drafts.map((draft) => draft.toAlert());
    try {
      await endedBy(signal, deliver(alerts, { signal, report }));
    } catch (error) {
      if (signal.aborted) return;
      report(
        error instanceof TailFault
          ? error.notice
          : { code: "deliverer_failed", reason: (error as Error).message },
      );
      await pause(Math.min(FIRST_RETRY_MS * 2 ** failures++, MAX_RETRY_MS), signal);
      if (signal.aborted) return;
      continue;
    }
    failures = 0;
    report();
    tail.queue.drop(drafts.length);
    for (const draft of drafts) for (const ledger of draft.ledgers) ledger.acknowledge(draft);
    tail.counts.alerts += drafts.length;
    for (const { count } of alerts) tail.counts.sent += count;
    tail.lastAcknowledgedAt = tail.clock.wall();
    tail.isChanged = true;
  }
}

/** A deliverer that ignores the signal must not hold up the end. */
async function endedBy(signal: AbortSignal, work: Promise<void>): Promise<void> {
  let end = () => {};
  const aborted = new Promise<never>((_, reject) => {
    end = () => reject(new Error("stopped"));
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
