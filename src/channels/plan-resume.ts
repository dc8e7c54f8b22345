import { formatPosition, parsePosition } from "./frame-id.ts";
import type { Since } from "./rpc.ts";

/** What a log has: frames `first` to `last`; empty when `first` is above `last`. */
export type LogBounds = { epoch: string; first: number; last: number };

export type Resume = {
  /** The frame after this one is the first to be sent. */
  after: number;
  /** The position that the reader has before it: it moves past a gap only by being told of the gap. */
  ready: string;
  /** Ids of the first and last frame that are gone; null: nothing is. */
  gap: { from: string; to: string } | null;
};

/** Where a reader goes on. A position that the log does not lead on from is a gap, never a silent jump. */
export function planResume(since: Since, { epoch, first, last }: LogBounds): Resume {
  const at = (seq: number) => formatPosition({ epoch, seq });
  const from = (after: number): Resume => ({ after, ready: at(after), gap: null });
  if (since === null) return from(last);
  if (since === "all") return from(first - 1);
  if (since === "latest") return from(Math.max(first - 1, last - 1));
  const position = parsePosition(since);
  if (position?.epoch === epoch && position.seq <= last) {
    if (position.seq >= first - 1) return from(position.seq);
    const gap = { from: at(position.seq + 1), to: at(first - 1) };
    return { after: first - 1, ready: since, gap };
  }
  // Another log, or frames of this one that it does not know any more: nobody can say what was missed.
  const after = position?.epoch === epoch ? last : first - 1;
  return { after, ready: since, gap: { from: since, to: at(after) } };
}
