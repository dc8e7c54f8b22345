import { errorCode } from "./file-facts.ts";
import type { Followed } from "./followed-file.ts";
import { lookAgain } from "./look-again.ts";
import { newReadBuffer, readOn } from "./read-on.ts";
import { saveProgress } from "./save-progress.ts";
import { settleFile } from "./settle-file.ts";
import { concerningReading, reportProblem, solveProblem, type Tail } from "./tail.ts";
import { toSaved } from "./to-saved.ts";

/** Reads the open files, piece by piece in turns, until the tail stops. */
export async function readFiles(tail: Tail): Promise<void> {
  const buffer = newReadBuffer();
  let looks = 0;
  while (!tail.stopping) {
    // After a crash a content without a name in the checkpoint would get another one, and its alerts other keys.
    if (tail.mustSave) await saveProgress(tail);
    if (looks !== tail.looks) {
      looks = tail.looks;
      await eachFile(tail, lookAgain);
    }
    const isMore = await readTurn(tail, buffer);
    await eachFile(tail, settleFile);
    if (!isMore && !tail.stopping && looks === tail.looks) await tail.looked.next();
  }
}

/** One piece of every file; true when there is more. The later file of a path waits for the end of the earlier one. */
async function readTurn(tail: Tail, buffer: Buffer): Promise<boolean> {
  const busy = new Set<string>();
  await eachFile(tail, async (_, file) => {
    if (!file.unread || busy.has(file.path) || tail.mustSave) return;
    await readOn(tail, file, buffer);
    solveProblem(tail, concerningReading(file.key));
    if (file.unread) busy.add(file.path);
  });
  return busy.size > 0 || tail.mustSave;
}

type Step = (tail: Tail, file: Followed) => Promise<void>;

async function eachFile(tail: Tail, step: Step): Promise<void> {
  const files = [...tail.files.values()].sort((one, other) => one.order - other.order);
  for (const file of files) {
    if (tail.stopping) return;
    try {
      await step(tail, file);
    } catch (error) {
      await letGo(tail, file, error);
    }
  }
}

/** A network disk that went away takes its descriptors with it; the path is waited for, and read on. */
async function letGo(tail: Tail, file: Followed, error: unknown): Promise<void> {
  const { path } = file;
  const reason = errorCode(error);
  reportProblem(tail, concerningReading(file.key), { code: "reading_failed", path, reason });
  tail.files.delete(file.key);
  tail.unopened.push(toSaved(file));
  await file.handle.close().catch(() => {});
}
