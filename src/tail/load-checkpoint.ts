import { readFile, rename, stat } from "node:fs/promises";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { MAX_CHECKPOINT_BYTES } from "./constants.ts";
import { errorCode, isAbsence } from "./file-facts.ts";
import { type Notice, TailFault } from "./notice.ts";
import { previousOf } from "./save-checkpoint.ts";

/**
 * The last checkpoint, or the one before when the last is torn; undefined at a first start. A torn one is moved
 * aside and warned of. Throws when it is there and cannot be read: going on would begin anew.
 */
export async function loadCheckpoint(
  path: string,
  warn: (notice: Notice) => void,
): Promise<Checkpoint | undefined> {
  const last = await read(path);
  if (last === undefined) return (await read(previousOf(path))) || undefined;
  if (last) return last;
  const aside = `${path}.corrupt`;
  await rename(path, aside);
  const previous = (await read(previousOf(path))) || undefined;
  warn({ code: previous ? "checkpoint_restored" : "checkpoint_lost", path, aside });
  return previous;
}

/** `false` for what is there but damaged, undefined for what is not there. */
async function read(path: string): Promise<Checkpoint | false | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MAX_CHECKPOINT_BYTES) return false;
    return parseCheckpoint(await readFile(path, "utf8")) ?? false;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw new TailFault({ code: "checkpoint_unreadable", path, reason: errorCode(error) });
  }
}
