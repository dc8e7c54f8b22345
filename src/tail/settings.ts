import {
  COOLDOWN_MS,
  DRAIN_MS,
  GRACE_MS,
  MAX_LINE_BYTES,
  MULTILINE_IDLE_MS,
  POLL_MS,
  STATUS_EVERY_MS,
} from "./constants.ts";
import type { Encoding } from "./decode-line.ts";
import { nameTest } from "./expand-pattern.ts";
import type { Multiline } from "./join-lines.ts";
import type { LineTest } from "./line-test.ts";
import { TailFault } from "./notice.ts";

/** What to follow and how. Times in ms. */
export type TailOptions = {
  /** Paths or globs; they need not exist yet. */
  patterns: string[];
  checkpointFile: string;
  /** Absolute paths that are not followed though a pattern leads to them: what the caller itself writes. */
  ownFiles?: string[];
  match: LineTest;
  encoding?: Encoding;
  /** Where to begin in files that are there at the very first start. Later ones are read from their beginning. */
  start?: "end" | "beginning";
  /** Joins lines until the next one that `starts` an entry, or until nothing came for `idleMs`. */
  multiline?: { starts: LineTest; idleMs?: number };
  maxLineBytes?: number;
  /** Lines that were written before the start and are older are told together in one alert. */
  maxBacklogAgeMs?: number;
  /** After an alert, how long further matches of its file are only counted; 0 tells each. */
  cooldownMs?: number;
  /** After how long a last line without newline is matched as it stands; never when left out. */
  partialFlushMs?: number;
  pollMs?: number;
  graceMs?: number;
  drainMs?: number;
  statusMs?: number;
  /** Look sooner when the system reports changes (true). */
  watch?: boolean;
};

export type Settings = Required<
  Omit<TailOptions, "multiline" | "maxBacklogAgeMs" | "partialFlushMs">
> & { multiline?: Multiline; maxBacklogAgeMs?: number; partialFlushMs?: number };

/** Fills in what is left out. Throws a TailFault for what cannot work. */
export function readOptions(options: TailOptions): Settings {
  const { patterns, multiline } = options;
  if (patterns.length === 0) throw new TailFault({ code: "no_patterns" });
  for (const pattern of patterns) assertPattern(pattern);
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === "number" && !(value >= 0)) {
      throw new TailFault({ code: "bad_number", name, value, least: 0 });
    }
  }
  if (options.maxLineBytes === 0) {
    throw new TailFault({ code: "bad_number", name: "maxLineBytes", value: 0, least: 1 });
  }
  return {
    ownFiles: [],
    encoding: "utf-8",
    start: "end",
    maxLineBytes: MAX_LINE_BYTES,
    cooldownMs: COOLDOWN_MS,
    pollMs: POLL_MS,
    graceMs: GRACE_MS,
    drainMs: DRAIN_MS,
    statusMs: STATUS_EVERY_MS,
    watch: true,
    ...options,
    multiline: multiline && { idleMs: MULTILINE_IDLE_MS, ...multiline },
  };
}

function assertPattern(pattern: string): void {
  try {
    for (const name of pattern.split("/")) nameTest(name);
    if (pattern !== "") return;
  } catch {
    // Told below.
  }
  throw new TailFault({ code: "bad_pattern", pattern });
}
