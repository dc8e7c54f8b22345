import type { Match } from "./alert.ts";
import { isTooOld } from "./backlog.ts";
import type { Line } from "./decode-line.ts";
import { Draft } from "./draft.ts";
import type { Followed, Place } from "./followed-file.ts";
import type { Tail } from "./tail.ts";

/**
 * Matches a line, or an entry of lines, and makes it part of an alert; true when it matches. `placeOf` gives the
 * place behind it. The caller waits for room in the queue before it takes the next.
 */
export function takeEntry(
  tail: Tail,
  file: Followed,
  line: Line,
  placeOf: () => Place,
  options: { isPartial?: boolean } = {},
): boolean {
  if (line.cutFrom !== undefined) tail.counts.cut++;
  if (wasTold(file, line, options.isPartial) || !tail.settings.match(line.text)) return false;
  tail.counts.matched++;
  const now = tail.clock.wall();
  const match: Match = {
    contentId: file.contentId,
    file: file.path,
    offset: line.offset,
    text: line.text,
    readAt: now,
    ...(line.cutFrom !== undefined && { cutFrom: line.cutFrom }),
    ...(options.isPartial && { partial: true }),
  };
  const { maxBacklogAgeMs } = tail.settings;
  if (file.backlog && maxBacklogAgeMs !== undefined) {
    if (isTooOld(line, file.backlog, maxBacklogAgeMs, now)) {
      addToDigest(tail, file, match, placeOf());
      return true;
    }
  }
  const { draft, ready } = tail.groups.add(match, tail.clock.monotonic());
  enter(file, draft, placeOf());
  if (ready) tail.queue.put(draft);
  return true;
}

/** A line that was matched before its newline came, and told, is not told again. */
function wasTold(file: Followed, line: Line, isPartial?: boolean): boolean {
  if (isPartial || file.flushed?.offset !== line.offset) return false;
  return file.flushed.matched;
}

function addToDigest(tail: Tail, file: Followed, match: Match, place: Place): void {
  tail.counts.tooOld++;
  if (file.digest) file.digest.add(match);
  else file.digest = new Draft("backlog", match);
  enter(file, file.digest, place);
}

function enter(file: Followed, draft: Draft, place: Place): void {
  file.ledger.add(draft, place);
  draft.ledgers.add(file.ledger);
}

/** Sends the alert that tells of the backlog's old lines, once the backlog is read. */
export function sendDigest(tail: Tail, file: Followed): void {
  const { digest } = file;
  if (!digest) return;
  file.digest = undefined;
  const age = agePhrase(tail.settings.maxBacklogAgeMs ?? 0);
  digest.word((count, text) => {
    const lines = count === 1 ? "1 matching line" : `${count} matching lines`;
    return `${lines} from before the start, more than ${age} old, not told one by one. The last: ${text}`;
  });
  tail.queue.put(digest);
}

function agePhrase(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds % 3600 === 0 && seconds > 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 && seconds > 0 ? `${seconds / 60} min` : `${seconds} s`;
}
