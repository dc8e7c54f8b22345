import { errorCode, factsOf } from "./file-facts.ts";
import { beginsWith, fingerprintOf } from "./fingerprint.ts";
import { follow } from "./followed-file.ts";
import { isCompressed } from "./generation-names.ts";
import { type Generation, listGenerations } from "./list-generations.ts";
import { openForReading, readHead } from "./read-bytes.ts";
import { reportProblem, type Tail } from "./tail.ts";

/**
 * Follows the generations of a path that came and went unseen: between two looks, or while nothing ran. Those are
 * written later than `sinceNs`, the last write that was seen, and were not read before.
 */
export async function openGenerations(
  tail: Tail,
  path: string,
  since: { mtimeNs: bigint; isBacklog: boolean },
): Promise<void> {
  for (const generation of await listGenerations(path)) {
    if (generation.facts.mtimeNs < since.mtimeNs || isKnown(tail, generation)) continue;
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
    const [facts, head] = [await factsOf(handle), await readHead(handle)];
    const seen = tail.seen.get(facts.key);
    if ((seen && beginsWith(head, seen)) || isCompressed(head)) return await handle.close();
    const writtenAt = Number(facts.mtimeNs / 1_000_000n);
    const backlog = isBacklog ? { end: facts.size, writtenAt } : undefined;
    tail.counts.rotated++;
    await follow(tail, { handle, facts, path }, { offset: 0, backlog, away: true });
  } catch (error) {
    const { path: at } = generation;
    const reason = errorCode(error);
    reportProblem(tail, at, { code: "generation_unreadable", path: at, reason });
  }
}

/** Remembers the generations that lie there and are not to be read: at the next rotation they are no news. */
export async function rememberGenerations(tail: Tail, path: string): Promise<void> {
  for (const generation of await listGenerations(path)) {
    if (isKnown(tail, generation) || tail.seen.has(generation.facts.key)) continue;
    const handle = await openForReading(generation.path).catch(() => undefined);
    if (!handle) continue;
    const head = await readHead(handle);
    await handle.close();
    if (head.length > 0) tail.seen.set(generation.facts.key, fingerprintOf(head));
  }
}

function isKnown(tail: Tail, { facts }: Generation): boolean {
  return tail.files.has(facts.key) || tail.unopened.some(({ key }) => key === facts.key);
}
