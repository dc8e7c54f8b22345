import { randomUUID } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Backlog } from "./backlog.ts";
import type { SavedFile } from "./checkpoint.ts";
import { WINDOW_BYTES } from "./constants.ts";
import { type Line, lineDecoder } from "./decode-line.ts";
import type { Draft } from "./draft.ts";
import type { FileFacts } from "./file-facts.ts";
import { type Fingerprint, fingerprintOf } from "./fingerprint.ts";
import { LineJoiner } from "./join-lines.ts";
import { Ledger } from "./ledger.ts";
import { readHead, readWindow } from "./read-bytes.ts";
import type { Settings } from "./settings.ts";
import { LineSplitter, type RawLine } from "./split-lines.ts";
import type { Tail } from "./tail.ts";

/** A place in a file, with up to 1 KiB of what stands before it: by that it is known again. */
export type Place = { offset: number; window: Buffer };

/** What is read of one content; a truncated file begins a new one. */
export type Reading = {
  contentId: string;
  ledger: Ledger<Draft, Place>;
  /** How far bytes were read; the last line may end later. */
  reached: Place;
  splitter: LineSplitter;
  joiner?: LineJoiner<Place>;
  decode: (raw: RawLine) => Line;
  /** What was there when the tail started. */
  backlog?: Backlog;
  /** The alert that tells of old lines of the backlog. */
  digest?: Draft;
  /** The last line was matched without its newline: its offset, its length then, and whether it told an alert. */
  flushed?: { offset: number; length: number; matched: boolean };
};

export type Followed = Reading & {
  handle: FileHandle;
  key: string;
  /** The path it is followed under. A rotated file keeps it. */
  path: string;
  /** Files of one path are read in this order. */
  order: number;
  head: Fingerprint;
  size: number;
  mtimeNs: bigint;
  /** The last write that was seen while it was still the content that is read. */
  verifiedMtimeNs: bigint;
  /** There may be bytes behind the place reached. */
  unread: boolean;
  /** Since when no pattern leads to it: it was rotated or deleted. Monotonic. */
  awaySince?: number;
  grewAt: number;
  /** Read to its end and over; waits for acknowledgements only. */
  finished: boolean;
};

export function newReading(settings: Settings, start: Place, contentId: string): Reading {
  const { encoding, maxLineBytes, multiline } = settings;
  return {
    contentId,
    ledger: new Ledger<Draft, Place>(start),
    reached: start,
    splitter: new LineSplitter(maxLineBytes),
    ...(multiline && { joiner: new LineJoiner<Place>(multiline.starts, maxLineBytes) }),
    decode: lineDecoder(encoding),
  };
}

export const START: Place = { offset: 0, window: Buffer.alloc(0) };

type Opened = { handle: FileHandle; facts: FileFacts; path: string };
type From = {
  offset: number;
  contentId?: string;
  backlog?: Backlog;
  away?: boolean;
  /** What the checkpoint had of it, which it replaces. */
  saved?: SavedFile;
};

/** Follows an open file from an offset. Closes it again when it is followed already, under whatever name. */
export async function follow(tail: Tail, { handle, facts, path }: Opened, from: From) {
  const head = fingerprintOf(await readHead(handle));
  const window = await readWindow(handle, from.offset);
  const now = tail.clock.monotonic();
  // In one turn: a checkpoint that is written meanwhile has the one or the other.
  tail.unopened = tail.unopened.filter((one) => one !== from.saved);
  if (tail.files.has(facts.key)) return handle.close();
  tail.files.set(facts.key, {
    ...newReading(tail.settings, { offset: from.offset, window }, from.contentId ?? newContentId()),
    handle,
    key: facts.key,
    path,
    order: ++tail.lastOrder,
    head,
    size: facts.size,
    mtimeNs: facts.mtimeNs,
    verifiedMtimeNs: facts.mtimeNs,
    unread: true,
    grewAt: now,
    finished: false,
    ...(from.backlog && { backlog: from.backlog }),
    ...(from.away && { awaySince: now }),
  });
  tail.mustSave = true;
}

/** See `matchKey` for why it is neither inode nor fingerprint. */
export function newContentId(): string {
  return randomUUID();
}

/** The place behind the first `count` bytes of `bytes`, which begin at `at` in the file. */
export function placeIn(bytes: Buffer, count: number, at: number): Place {
  const from = Math.max(0, count - WINDOW_BYTES);
  return { offset: at + count, window: Buffer.from(bytes.subarray(from, count)) };
}
