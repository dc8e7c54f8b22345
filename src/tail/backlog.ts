import { lineTime } from "./line-time.ts";

/** What was written before the start: the bytes up to `end`, the last of them at `writtenAt` (ms since 1970). */
export type Backlog = { end: number; writtenAt: number };

/**
 * True when a line of the backlog is older than `maxAgeMs`: by its own time, else by the last write to its file.
 * Only the backlog is judged: a host whose log has another time zone must not lose what happens now.
 */
export function isTooOld(
  line: { text: string; end: number },
  backlog: Backlog,
  maxAgeMs: number,
  now: number,
): boolean {
  if (line.end > backlog.end) return false;
  return now - (lineTime(line.text) ?? backlog.writtenAt) > maxAgeMs;
}
