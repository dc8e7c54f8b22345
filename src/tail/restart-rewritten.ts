import type { FileHandle } from "node:fs/promises";
import { closeOnError } from "./close-on-error.ts";
import { errorCode, type FileFacts, factsOf } from "./file-facts.ts";
import { beginsWith, fingerprintOf, NO_FINGERPRINT } from "./fingerprint.ts";
import { type Followed, newContentId, newReading, START } from "./followed-file.ts";
import { isPlaceThere } from "./is-place-there.ts";
import { listGenerations } from "./list-generations.ts";
import { openGenerations } from "./open-generations.ts";
import { openForReading, readHead } from "./read-bytes.ts";
import { flushRemainder } from "./settle-file.ts";
import { concerningFile, reportProblem, type Tail } from "./tail.ts";
import { sendDigest } from "./take-entry.ts";

/**
 * Begins a file anew that was truncated or written anew. `copytruncate` leaves a copy, in which what was not read yet
 * still stands: the old reading goes on there, before the new one.
 */
export async function restartRewritten(tail: Tail, file: Followed): Promise<void> {
  tail.counts.rewritten++;
  const facts = await factsOf(file.handle);
  const copy = await findCopy(tail, file);
  // The look for files may have found it first.
  if (copy && tail.files.has(copy.key)) await copy.handle.close();
  else if (copy) tail.files.set(copy.key, copy);
  const { contentId } = file;
  if (![...tail.files.values()].some((one) => one !== file && one.contentId === contentId)) {
    flushRemainder(tail, file);
  }
  if (!copy) sendDigest(tail, file);
  // Nothing may have been read for long: copies that were made since hold what stood in the file between them.
  const { mtimeNs } = copy ?? { mtimeNs: file.verifiedMtimeNs };
  await openGenerations(tail, file.path, { mtimeNs, isBacklog: false });
  Object.assign(file, {
    joiner: undefined,
    backlog: undefined,
    digest: undefined,
    flushed: undefined,
    ...newReading(tail.settings, START, newContentId()),
    head: NO_FINGERPRINT,
    order: ++tail.lastOrder,
    size: facts.size,
    mtimeNs: facts.mtimeNs,
    verifiedMtimeNs: facts.mtimeNs,
    unread: true,
  } satisfies Partial<Followed>);
  tail.mustSave = true;
}

/** The reading of `file`, on a copy that was made since its last write and goes on where it was left. */
async function findCopy(tail: Tail, file: Followed): Promise<Followed | undefined> {
  const { offset, window } = file.reached;
  if (offset === 0) return undefined;
  const place = { head: file.head, offset, before: fingerprintOf(window) };
  for (const { path, facts: listed } of await listGenerations(tail, file.path)) {
    const isLater = listed.mtimeNs >= file.verifiedMtimeNs && listed.size >= offset;
    if (!isLater || tail.files.has(listed.key)) continue;
    const handle = await openForReading(path).catch((error) => {
      reportProblem(tail, concerningFile(path), {
        code: "copy_unreadable",
        path,
        reason: errorCode(error),
      });
    });
    if (!handle) continue;
    const facts = await closeOnError(handle, async () => {
      const found = await factsOf(handle);
      const seen = tail.seen.get(found.key);
      const isSeen = seen !== undefined && beginsWith(await readHead(handle), seen);
      if (isSeen || tail.files.has(found.key)) return undefined;
      return (await isPlaceThere(handle, place)) ? found : undefined;
    });
    if (facts) return moveTo(tail, file, handle, facts);
    await handle.close();
  }
  return undefined;
}

function moveTo(tail: Tail, file: Followed, handle: FileHandle, facts: FileFacts): Followed {
  const { key, size, mtimeNs } = facts;
  const now = tail.clock.monotonic();
  const order = ++tail.lastOrder;
  const moved = { handle, key, size, mtimeNs, verifiedMtimeNs: mtimeNs, order, unread: true };
  return { ...file, ...moved, awaySince: now, grewAt: now };
}
