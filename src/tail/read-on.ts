import { advance } from "./advance.ts";
import { READ_BYTES, WINDOW_BYTES } from "./constants.ts";
import { type Followed, type Place, placeIn } from "./followed-file.ts";
import { restartRewritten } from "./restart-rewritten.ts";
import type { RawLine } from "./split-lines.ts";
import type { Tail } from "./tail.ts";
import { takeEntry } from "./take-entry.ts";

export function newReadBuffer(): Buffer {
  return Buffer.allocUnsafe(WINDOW_BYTES + READ_BYTES);
}

/**
 * Reads one piece of a file and takes its lines. The piece begins with bytes that were read before, in one call of
 * the system: when they are others now, the file was written anew, and nothing of the piece is used.
 */
export async function readOn(tail: Tail, file: Followed, buffer: Buffer): Promise<void> {
  const { window, offset } = file.reached;
  const base = offset - window.length;
  const { bytesRead } = await file.handle.read(buffer, 0, window.length + READ_BYTES, base);
  const bytes = buffer.subarray(0, bytesRead);
  if (!bytes.subarray(0, window.length).equals(window)) return restartRewritten(tail, file);
  file.verifiedMtimeNs = file.mtimeNs;
  if (bytesRead < window.length + READ_BYTES) file.unread = false;
  if (bytesRead === window.length) return;
  tail.lastLineAt = tail.clock.wall();
  file.grewAt = tail.clock.monotonic();
  file.reached = placeIn(bytes, bytesRead, base);
  if (file.reached.offset > file.size) file.size = file.reached.offset;
  let last: RawLine | undefined;
  for (const raw of file.splitter.push(bytes.subarray(window.length), offset)) {
    // Nothing more is read while the queue is full: the file keeps what it has.
    if (tail.queue.isFull) await tail.queue.room();
    // Stopped meanwhile: what follows is left for the next start.
    if (tail.stopping) break;
    last = raw;
    takeLine(tail, file, raw, () => placeIn(bytes, raw.end - base, base));
  }
  if (last && !file.joiner) advance(tail, file, placeIn(bytes, last.end - base, base));
}

function takeLine(tail: Tail, file: Followed, raw: RawLine, placeOf: () => Place): void {
  tail.counts.seen++;
  const line = file.decode(raw);
  if (!file.joiner) {
    takeEntry(tail, file, line, placeOf);
    return;
  }
  const entry = file.joiner.add(line, placeOf());
  if (!entry) return;
  takeEntry(tail, file, entry.line, () => entry.mark);
  advance(tail, file, entry.mark);
}
