import { AlertQueue } from "./alert-queue.ts";
import type { Checkpoint, SavedFile } from "./checkpoint.ts";
import type { Clock } from "./clock.ts";
import { MAX_OPEN_FILES } from "./constants.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { Followed } from "./followed-file.ts";
import { MatchGroups } from "./group-matches.ts";
import type { Notice } from "./notice.ts";
import type { Settings } from "./settings.ts";
import { Signal } from "./signal.ts";

/** What happened so far. */
export type Counts = {
  seen: number;
  matched: number;
  /** Matching lines in acknowledged alerts. */
  sent: number;
  /** Acknowledged alerts. */
  alerts: number;
  cut: number;
  tooOld: number;
  rewritten: number;
  rotated: number;
};

/** Everything one run of the engine knows. */
export type Tail = {
  settings: Settings;
  clock: Clock;
  /** Open files by device and inode. */
  files: Map<string, Followed>;
  /** Of the checkpoint: files that were not found, or could not be opened, yet. */
  unopened: SavedFile[];
  /** Rotated files that are not to be read again. */
  seen: Map<string, Fingerprint>;
  knownPatterns: Set<string>;
  queue: AlertQueue;
  groups: MatchGroups;
  counts: Counts;
  /** What is wrong at the moment, by what it concerns. */
  problems: Map<string, Notice>;
  warn: (notice: Notice) => void;
  /** What was said once and for all. */
  said: Set<string>;
  /** Patterns that lead to no file. */
  waitingFor: string[];
  /** Copies that are still being written, by path. */
  growing: Map<string, { size: number; since: number }>;
  /** In this look, files had to wait: too many are open. */
  isCrowded: boolean;
  lastOrder: number;
  /** How often was looked for files. */
  looks: number;
  looked: Signal;
  /** A content that the checkpoint does not know yet: nothing of it may be sent before. */
  mustSave: boolean;
  isChanged: boolean;
  stopping: boolean;
  startedAt: number;
  lastLineAt?: number;
  lastAcknowledgedAt?: number;
};

export function newTail(
  settings: Settings,
  clock: Clock,
  checkpoint: Checkpoint | undefined,
  warn: (notice: Notice) => void,
): Tail {
  const { patterns = [], files = [], seen = [] } = checkpoint ?? {};
  return {
    settings,
    clock,
    files: new Map(),
    unopened: files,
    seen: new Map(seen.map(({ key, head }) => [key, head])),
    knownPatterns: new Set(patterns),
    queue: new AlertQueue(),
    groups: new MatchGroups(settings.cooldownMs),
    counts: {
      seen: 0,
      matched: 0,
      sent: 0,
      alerts: 0,
      cut: 0,
      tooOld: 0,
      rewritten: 0,
      rotated: 0,
    },
    problems: new Map(),
    warn,
    said: new Set(),
    waitingFor: [],
    growing: new Map(),
    isCrowded: false,
    lastOrder: 0,
    looks: 0,
    looked: new Signal(),
    mustSave: true,
    isChanged: false,
    stopping: false,
    startedAt: clock.monotonic(),
  };
}

/** More files than may be open. */
export const CROWDED = "open files";
const FILE = "file ";
const READING = "reading ";

/** A path that something is wrong with, until it is followed or there is nothing any more. */
export function concerningFile(path: string): string {
  return FILE + path;
}

/** A file that was open, until it could be read again. */
export function concerningReading(key: string): string {
  return READING + key;
}

/** What a problem concerns, when it is a path or an open file. */
export function concernedBy(concerning: string): { path?: string; key?: string } {
  if (concerning.startsWith(FILE)) return { path: concerning.slice(FILE.length) };
  if (concerning.startsWith(READING)) return { key: concerning.slice(READING.length) };
  return {};
}

/** Shows a problem until it is solved, and warns of it once, however it changes. */
export function reportProblem(tail: Tail, concerning: string, problem: Notice): void {
  const isNew = !tail.problems.has(concerning);
  tail.problems.set(concerning, problem);
  if (isNew) tail.warn(problem);
}

export function solveProblem(tail: Tail, concerning: string): void {
  tail.problems.delete(concerning);
}

/** Warns of what is no fault. */
export function warnOnce(tail: Tail, concerning: string, notice: Notice): void {
  if (tail.said.has(concerning)) return;
  tail.said.add(concerning);
  tail.warn(notice);
}

/** In this look, a file has to wait: too many are open. */
export function reportCrowded(tail: Tail, path: string): void {
  tail.isCrowded = true;
  reportProblem(tail, CROWDED, { code: "too_many_files", path, limit: MAX_OPEN_FILES });
}
