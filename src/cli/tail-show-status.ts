import { EXIT_FAILED, EXIT_OK, MAX_STATUS_AGE_MS } from "./tail-constants.ts";
import type { TailCall } from "./tail-deps.ts";
import { TailError } from "./tail-error.ts";
import { holderOf } from "./tail-lock.ts";
import { statusFileOf } from "./tail-paths.ts";
import { statusLine } from "./tail-say-status.ts";
import { problemsOf, readStatusFile, type StatusFile, toStatus } from "./tail-status-file.ts";
import { TAIL_TEXTS, type TailTexts } from "./tail-texts.ts";

/** Prints what the agent on a checkpoint last wrote. 0 when it runs and nothing is wrong, else 1. */
export async function showTailStatus(
  checkpointFile: string,
  isJson: boolean,
  { language, stdout }: Pick<TailCall, "language" | "stdout">,
): Promise<number> {
  const texts = TAIL_TEXTS[language];
  const file = await read(checkpointFile, texts);
  const holder = await holderOf(checkpointFile);
  // One that has just started has written nothing yet: what stands there is of one that was killed.
  const isOther = holder?.pid !== undefined && holder.pid !== file?.pid;
  if (!file || isOther) {
    throw new TailError(texts.noStatus(statusFileOf(checkpointFile)), EXIT_FAILED);
  }
  const running = holder !== undefined;
  const ageMs = Math.max(0, Date.now() - Date.parse(file.updatedAt));
  const isStale = running && ageMs > MAX_STATUS_AGE_MS;
  stdout.write(isJson ? `${JSON.stringify({ running, ...file })}\n` : inWords());
  return running && !isStale && file.problems.length === 0 ? EXIT_OK : EXIT_FAILED;

  function inWords(): string {
    const { pid, host, source, updatedAt } = file as StatusFile;
    const seconds = Math.round(ageMs / 1000);
    const state = running ? texts.isRunning(pid, host, seconds) : texts.isNotRunning(updatedAt);
    const problems = problemsOf(file as StatusFile, texts.notices);
    const counts = statusLine(toStatus(file as StatusFile), problems, Date.now(), texts.status);
    return `${state} → ${source}\n${counts}\n${isStale ? `${texts.isStale(pid)}\n` : ""}`;
  }
}

async function read(checkpointFile: string, texts: TailTexts): Promise<StatusFile | undefined> {
  try {
    return await readStatusFile(checkpointFile);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new TailError(texts.statusUnreadable(statusFileOf(checkpointFile), why), EXIT_FAILED);
  }
}
