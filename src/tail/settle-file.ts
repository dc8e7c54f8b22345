import { advance } from "./advance.ts";
import type { Line } from "./decode-line.ts";
import { factsOf } from "./file-facts.ts";
import type { Followed, Place } from "./followed-file.ts";
import type { Tail } from "./tail.ts";
import { sendDigest, takeEntry } from "./take-entry.ts";
import { toSaved } from "./to-saved.ts";

/** Does what is due at the end of what a file has: waits that are over, and the end of rotated files. */
export async function settleFile(tail: Tail, file: Followed): Promise<void> {
  if (file.unread) return;
  const { backlog, reached } = file;
  if (backlog && reached.offset >= backlog.end && !file.joiner?.holds) sendDigest(tail, file);
  if (file.finished) return closeFinished(tail, file);
  const stillMs = tail.clock.monotonic() - Math.max(file.grewAt, file.awaySince ?? 0);
  flushIdleEntry(tail, file, stillMs);
  flushIdleLine(tail, file, stillMs);
  if (file.awaySince === undefined || stillMs < tail.settings.graceMs) return;
  flushRemainder(tail, file);
  sendDigest(tail, file);
  file.finished = true;
  await closeFinished(tail, file);
}

/** Rotated, deleted or truncated: nothing will complete the last line. */
export function flushRemainder(tail: Tail, file: Followed): void {
  const rest = file.splitter.flush();
  if (rest) {
    tail.counts.seen++;
    const line = file.decode(rest);
    const entry = file.joiner ? file.joiner.add(line, file.reached) : { line, mark: file.reached };
    if (entry) takeWhole(tail, file, entry);
  }
  const entry = file.joiner?.flush();
  if (entry) takeWhole(tail, file, entry);
}

function flushIdleEntry(tail: Tail, file: Followed, stillMs: number): void {
  const { multiline } = tail.settings;
  if (!multiline || stillMs < multiline.idleMs || file.splitter.heldBytes > 0) return;
  const entry = file.joiner?.flush();
  if (entry) takeWhole(tail, file, entry);
}

/** Matches the last line without its newline. It is not behind us: a restart reads it again, whole. */
function flushIdleLine(tail: Tail, file: Followed, stillMs: number): void {
  const { partialFlushMs } = tail.settings;
  if (partialFlushMs === undefined || stillMs < partialFlushMs) return;
  const raw = file.splitter.peek();
  if (!raw || file.joiner || file.flushed?.matched || file.flushed?.length === raw.length) return;
  const line = file.decode(raw);
  const isPartial = true;
  const matched = takeEntry(tail, file, line, () => file.ledger.lastRead, { isPartial });
  file.flushed = { offset: line.offset, length: raw.length, matched };
}

function takeWhole(tail: Tail, file: Followed, entry: { line: Line; mark: Place }): void {
  takeEntry(tail, file, entry.line, () => entry.mark);
  advance(tail, file, entry.mark);
}

/** Lets go of a file that is over and acknowledged; for good when it is deleted, or another has taken its place. */
async function closeFinished(tail: Tail, file: Followed): Promise<void> {
  if (file.ledger.waits) return;
  const { isDeleted } = await factsOf(file.handle);
  tail.files.delete(file.key);
  tail.isChanged = true;
  const isReplaced = [...tail.files.values()].some(({ path }) => path === file.path);
  if (isDeleted || isReplaced) tail.seen.set(file.key, file.head);
  else tail.unopened.push({ ...toSaved(file), isRead: true });
  await file.handle.close();
}
