import type { FileHandle } from "node:fs/promises";
import { beginsWith, type Fingerprint } from "./fingerprint.ts";
import { readBytes, readHead } from "./read-bytes.ts";

/** What is known of a file's content up to a place. */
export type KnownPlace = { head: Fingerprint; offset: number; before: Fingerprint };

/** True when a file still begins so, and still has these bytes before the place. */
export async function isPlaceThere(handle: FileHandle, place: KnownPlace): Promise<boolean> {
  if (!beginsWith(await readHead(handle), place.head)) return false;
  const { bytes } = place.before;
  const window = await readBytes(handle, place.offset - bytes, bytes);
  return beginsWith(window, place.before);
}
