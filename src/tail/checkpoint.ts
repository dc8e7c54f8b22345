import type { Fingerprint } from "./fingerprint.ts";

/** How far a file was read and acknowledged. */
export type SavedFile = {
  contentId: string;
  /** The path it is followed under; a rotated file lies elsewhere by now. */
  path: string;
  key: string;
  /** Of the file's first bytes. */
  head: Fingerprint;
  /** Behind the last acknowledged line. */
  offset: number;
  /** Of the bytes before `offset`. */
  before: Fingerprint;
  mtimeNs: string;
  /** Read to its end when its path led nowhere: it may come back, as a disk does that is mounted again. */
  isRead?: boolean;
};

/** A rotated file that was read to its end. */
export type SeenFile = { key: string; head: Fingerprint };

export type Checkpoint = {
  version: 1;
  /** Patterns that were followed before: what they match later is new, and read from its beginning. */
  patterns: string[];
  files: SavedFile[];
  seen: SeenFile[];
};

export function formatCheckpoint(checkpoint: Checkpoint): string {
  return `${JSON.stringify(checkpoint, null, 1)}\n`;
}

/** Reads a checkpoint's text; undefined when it is torn, not ours, or of a later version. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value.version !== 1) return undefined;
  const { patterns, files, seen } = value;
  if (!isListOf(patterns, (item) => typeof item === "string")) return undefined;
  if (!isListOf(files, isSavedFile) || !isListOf(seen, isSeenFile)) return undefined;
  return value as Checkpoint;
}

function isSavedFile(value: unknown): boolean {
  if (!isSeenFile(value) || !isObject(value)) return false;
  const { contentId, path, offset, before, mtimeNs } = value;
  const texts = [contentId, path, mtimeNs].every((item) => typeof item === "string");
  return texts && /^\d+$/.test(String(mtimeNs)) && isCount(offset) && isFingerprint(before);
}

function isSeenFile(value: unknown): boolean {
  return isObject(value) && typeof value.key === "string" && isFingerprint(value.head);
}

function isFingerprint(value: unknown): boolean {
  return isObject(value) && isCount(value.bytes) && typeof value.sha256 === "string";
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
