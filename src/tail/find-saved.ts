import type { FileHandle } from "node:fs/promises";
import type { SavedFile } from "./checkpoint.ts";
import { isPlaceThere } from "./is-place-there.ts";
import type { Tail } from "./tail.ts";

/**
 * What the checkpoint has of an open file, among what was not found yet. The inode alone says nothing: that of a
 * deleted file is soon another's.
 */
export async function findSaved(
  tail: Tail,
  handle: FileHandle,
  key: string,
): Promise<SavedFile | undefined> {
  for (const saved of tail.unopened) {
    // Of one that could not be opened yet nothing is known but its inode.
    if (saved.key !== key || saved.head.bytes === 0) continue;
    if (await isPlaceThere(handle, saved)) return saved;
  }
  return undefined;
}
