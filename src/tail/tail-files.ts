import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { CHECKPOINT_EVERY_MS, MIN_LOOK_MS, REST_PER_LOOK } from "./constants.ts";
import { type Deliver, deliverQueued } from "./deliver-queued.ts";
import { errorCode } from "./file-facts.ts";
import { loadCheckpoint } from "./load-checkpoint.ts";
import { lookForFiles } from "./look-for-files.ts";
import { type Notice, TailFault } from "./notice.ts";
import { pause } from "./pause.ts";
import { readFiles } from "./read-files.ts";
import { saveProgress } from "./save-progress.ts";
import { readOptions, type TailOptions } from "./settings.ts";
import { Signal } from "./signal.ts";
import { type Status, statusOf } from "./status.ts";
import { newTail, reportProblem, solveProblem, type Tail } from "./tail.ts";
import { sendDigest } from "./take-entry.ts";
import { FolderWatch } from "./watch-folders.ts";

const LOOKING = "looking";

export type TailHooks = {
  deliver: Deliver;
  /** Told every `statusMs`, and at the end. */
  onStatus?: (status: Status) => void;
  /** Told once what a person should know. */
  onWarning?: (notice: Notice) => void;
  /** Ends the tail: what is read is sent first, as long as `drainMs` allows. */
  signal: AbortSignal;
  clock?: Clock;
};

/**
 * Follows files and hands over an alert for each line that matches, at least once: the checkpoint only moves past
 * lines whose alerts have arrived. Runs until the signal; gives the last status. Throws a TailFault for options that
 * cannot work and for a checkpoint that cannot be read or written.
 */
export async function tailFiles(options: TailOptions, hooks: TailHooks): Promise<Status> {
  const settings = readOptions(options);
  const { deliver, onStatus = () => {}, onWarning = () => {}, signal } = hooks;
  const checkpoint = await loadCheckpoint(settings.checkpointFile, onWarning);
  const tail = newTail(settings, hooks.clock ?? SYSTEM_CLOCK, checkpoint, onWarning);
  await assertCheckpointWritable(tail);

  const status = setInterval(() => onStatus(statusOf(tail)), settings.statusMs);
  const tooLate = new AbortController();
  const stop = new Signal();
  const onAbort = () => stopReading(tail, stop);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  const delivered = deliverQueued(tail, deliver, tooLate.signal);
  try {
    await Promise.all([keepLooking(tail, stop, signal), readFiles(tail)]);
    await drain(tail, delivered, tooLate);
  } finally {
    onAbort();
    signal.removeEventListener("abort", onAbort);
    tooLate.abort();
    tail.queue.close();
    clearInterval(status);
    await saveProgress(tail);
    for (const { handle } of tail.files.values()) await handle.close().catch(() => {});
  }
  onStatus(statusOf(tail));
  return statusOf(tail);
}

async function assertCheckpointWritable(tail: Tail): Promise<void> {
  await saveProgress(tail);
  const [problem] = tail.problems.values();
  if (problem) throw new TailFault(problem);
}

function stopReading(tail: Tail, stop: Signal): void {
  tail.stopping = true;
  tail.queue.release();
  tail.looked.send();
  stop.send();
}

/** Looks for files by the clock, and sooner when their folders report something. */
async function keepLooking(tail: Tail, wake: Signal, signal: AbortSignal): Promise<void> {
  const { pollMs, watch } = tail.settings;
  let isHinted = false;
  const folders = new FolderWatch(() => {
    isHinted = true;
    wake.send();
  });
  let savedAt = tail.clock.monotonic();
  try {
    while (!tail.stopping) {
      isHinted = false;
      const startedAt = performance.now();
      try {
        const found = await lookForFiles(tail);
        if (watch) await folders.update(found);
        solveProblem(tail, LOOKING);
      } catch (error) {
        reportProblem(tail, LOOKING, { code: "looking_failed", reason: errorCode(error) });
      }
      tail.looks++;
      tail.looked.send();
      const now = tail.clock.monotonic();
      for (const draft of tail.groups.takeDue(now)) tail.queue.put(draft);
      if (tail.isChanged && now - savedAt >= CHECKPOINT_EVERY_MS) {
        await saveProgress(tail);
        savedAt = now;
      }
      // However busy its folders are, a wide pattern must not keep the machine busy.
      const restMs = Math.max(MIN_LOOK_MS, REST_PER_LOOK * (performance.now() - startedAt));
      if (!tail.stopping) await pause(restMs, signal);
      if (!tail.stopping && !isHinted) await wake.next(pollMs);
    }
  } finally {
    folders.close();
  }
}

/** Sends what is read, and what waits for a cool-down to end. */
async function drain(
  tail: Tail,
  delivered: Promise<void>,
  tooLate: AbortController,
): Promise<void> {
  for (const file of tail.files.values()) sendDigest(tail, file);
  for (const draft of tail.groups.takeAll(tail.clock.monotonic())) tail.queue.put(draft);
  tail.queue.close();
  const over = new AbortController();
  void pause(tail.settings.drainMs, over.signal).then(() => tooLate.abort());
  await delivered;
  over.abort();
}
