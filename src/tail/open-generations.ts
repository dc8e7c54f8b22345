import { closeOnError } from "./close-on-error.ts";
import { errorCode, factsOf } from "./file-facts.ts";
import { findSaved } from "./find-saved.ts";
import { beginsWith, fingerprintOf } from "./fingerprint.ts";
import { follow } from "./followed-file.ts";
import { isCompressed } from "./generation-names.ts";
import { type Generation, listGenerations } from "./list-generations.ts";
import { openForReading, readHead } from "./read-bytes.ts";
import { concerningFile, reportProblem, type Tail } from "./tail.ts";

/**
 * Follows the generations of a path that came and went unseen: between two looks, or while nothing ran. Those are
 * written later than `sinceNs`, the last write that was seen, and were not read before.
 */
export async function openGenerations(
  tail: Tail,
  path: string,
  since: { mtimeNs: bigint; isBacklog: boolean },
): Promise<void> {
  for (const generation of await listGenerations(tail, path)) {
    if (generation.facts.mtimeNs < since.mtimeNs || isOpen(tail, generation)) continue;
    await openGeneration(tail, path, generation, since.isBacklog);
  }
}

async function openGeneration(
  tail: Tail,
  path: string,
  generation: Generation,
  isBacklog: boolean,
): Promise<void> {
  try {
    const handle = await openForReading(generation.path);
    await closeOnError(handle, async () => {
      const [facts, head] = [await factsOf(handle), await readHead(handle)];
      const seen = tail.seen.get(facts.key);
      if ((seen && beginsWith(head, seen)) || isCompressed(head)) return handle.close();
      if (await findSaved(tail, handle, facts.key)) return handle.close();
      const writtenAt = Number(facts.mtimeNs / 1_000_000n);
      const backlog = isBacklog ? { end: facts.size, writtenAt } : undefined;
      tail.counts.rotated++;
      await follow(tail, { handle, facts, path }, { offset: 0, backlog, away: true });
    });
  } catch (error) {
    const { path: at } = generation;
    const reason = errorCode(error);
    reportProblem(tail, concerningFile(at), { code: "generation_unreadable", path: at, reason });
  }
}

/** Remembers the generations that lie there and are not to be read: at the next rotation they are no news. */
export async function rememberGenerations(tail: Tail, path: string): Promise<void> {
  for (const generation of await listGenerations(tail, path)) {
    if (isOpen(tail, generation)) continue;
    const head = await headOf(tail, generation).catch(() => undefined);
    if (head && head.length > 0) tail.seen.set(generation.facts.key, fingerprintOf(head));
  }
}

/** Its first bytes; undefined when it is still to be read on. */
async function headOf(tail: Tail, { path, facts }: Generation): Promise<Buffer | undefined> {
  const handle = await openForReading(path);
  try {
    const isAwaited = (await findSaved(tail, handle, facts.key)) !== undefined;
    return isAwaited ? undefined : await readHead(handle);
  } finally {
    await handle.close();
  }
}

function isOpen(tail: Tail, { facts }: Generation): boolean {
  return tail.files.has(facts.key);
}
