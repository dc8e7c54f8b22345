import { factsOf } from "./file-facts.ts";
import { beginsWith, fingerprintOf } from "./fingerprint.ts";
import type { Followed } from "./followed-file.ts";
import { readHead } from "./read-bytes.ts";
import { restartRewritten } from "./restart-rewritten.ts";
import type { Tail } from "./tail.ts";

/** Finds out whether an open file has grown, or is not the one any more that was read. */
export async function lookAgain(tail: Tail, file: Followed): Promise<void> {
  const { size, mtimeNs } = await factsOf(file.handle);
  if (size < file.reached.offset) return restartRewritten(tail, file);
  if (size === file.size && mtimeNs === file.mtimeNs) return;
  const head = await readHead(file.handle);
  if (!beginsWith(head, file.head)) return restartRewritten(tail, file);
  if (head.length > file.head.bytes) file.head = fingerprintOf(head);
  file.size = size;
  file.mtimeNs = mtimeNs;
  // Also when it is as long as before: the bytes before the place reached may be others.
  file.unread = true;
}
