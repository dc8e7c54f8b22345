import type { FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { closeOnError } from "./close-on-error.ts";
import { MAX_OPEN_FILES, WINDOW_BYTES } from "./constants.ts";
import { errorCode, type FileFacts, factsOf, isAbsence } from "./file-facts.ts";
import { findLineStart } from "./find-line-start.ts";
import { findSaved } from "./find-saved.ts";
import { beginsWith, fingerprintOf, NO_FINGERPRINT } from "./fingerprint.ts";
import { type Followed, follow, newContentId } from "./followed-file.ts";
import { isCompressed, isCompressedName, isGenerationName } from "./generation-names.ts";
import { isPlaceThere } from "./is-place-there.ts";
import { openGenerations, rememberGenerations } from "./open-generations.ts";
import { isOwnFile } from "./own-files.ts";
import { openForReading, readHead } from "./read-bytes.ts";
import {
  concerningFile,
  reportCrowded,
  reportProblem,
  solveProblem,
  type Tail,
  warnOnce,
} from "./tail.ts";

/** `isFirst`: it was there at the very first start. */
type Newcomer = { path: string; facts: FileFacts; isFirst: boolean };

/** Follows a file that a pattern leads to for the first time, from where it is new. */
export async function admitNewcomer(tail: Tail, newcomer: Newcomer): Promise<void> {
  const { path, facts } = newcomer;
  if (tail.unopened.some((saved) => saved.key === facts.key && saved.path === path)) return;
  if (await isLeftOut(tail, newcomer)) return;
  const handle = await open(tail, newcomer);
  if (handle) await closeOnError(handle, () => admit(tail, newcomer, handle));
}

async function admit(tail: Tail, newcomer: Newcomer, handle: FileHandle): Promise<void> {
  const { path, isFirst } = newcomer;
  const opened = { handle, facts: await factsOf(handle), path };
  const head = await readHead(handle);
  if (!opened.facts.isFile) return handle.close();
  if (isCompressed(head)) {
    warnOfCompressed(tail, path);
    return handle.close();
  }
  solveProblem(tail, concerningFile(path));
  const saved = await findSaved(tail, handle, opened.facts.key);
  if (saved) {
    // It was renamed to where a pattern leads, too.
    const { offset, contentId } = saved;
    return follow(tail, opened, { offset, contentId, saved });
  }
  if (isFirst) {
    const { maxLineBytes, start } = tail.settings;
    const { size, mtimeNs } = opened.facts;
    const offset = start === "end" ? await findLineStart(handle, size, maxLineBytes) : 0;
    const backlog = { end: size, writtenAt: Number(mtimeNs / 1_000_000n) };
    await follow(tail, opened, { offset, backlog });
    return rememberGenerations(tail, path);
  }
  const copied = await findOriginal(tail, path, handle, head);
  if (copied) {
    if (copied !== "growing") {
      const { contentId, ledger, path: label } = copied;
      const { offset } = ledger.acknowledged;
      return follow(tail, { ...opened, path: label }, { offset, contentId });
    }
    if (isStillGrowing(tail, path, opened.facts.size)) return handle.close();
    tail.growing.delete(path);
  }
  const before = [...tail.files.values()].filter((file) => file.path === path);
  if (before.length > 0) {
    tail.counts.rotated++;
    // What came and went since the last look was written after the last write seen, or hardly before: late writers.
    const lastWrite = before.reduce((latest, file) => max(latest, file.mtimeNs), 0n);
    const mtimeNs = lastWrite - BigInt(tail.settings.graceMs) * 1_000_000n;
    await openGenerations(tail, path, { mtimeNs, isBacklog: false });
  }
  await follow(tail, opened, { offset: 0 });
  await rememberGenerations(tail, path);
}

async function isLeftOut(tail: Tail, newcomer: Newcomer): Promise<boolean> {
  const { path, facts } = newcomer;
  if (isCompressedName(path)) {
    warnOfCompressed(tail, path);
    return true;
  }
  if (await isOwnFile(tail, path, facts.key)) {
    warnOnce(tail, `own ${path}`, { code: "own_file", path });
    return true;
  }
  if (tail.files.size < MAX_OPEN_FILES) return false;
  reportCrowded(tail, path);
  keepForLater(tail, newcomer);
  return true;
}

function warnOfCompressed(tail: Tail, path: string): void {
  warnOnce(tail, "compressed", { code: "compressed", path });
}

async function open(tail: Tail, newcomer: Newcomer) {
  try {
    return await openForReading(newcomer.path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    const { path } = newcomer;
    reportProblem(tail, concerningFile(path), {
      code: "file_unreadable",
      path,
      reason: errorCode(error),
    });
    keepForLater(tail, newcomer);
    return undefined;
  }
}

/** When it can be opened one day, what it holds now is still older than the very first start. */
function keepForLater(tail: Tail, { path, facts, isFirst }: Newcomer): void {
  if (!isFirst || tail.settings.start !== "end") return;
  const { key, size, mtimeNs } = facts;
  tail.unopened.push({
    contentId: newContentId(),
    path,
    key,
    head: NO_FINGERPRINT,
    offset: size,
    before: NO_FINGERPRINT,
    mtimeNs: String(mtimeNs),
  });
  tail.mustSave = true;
}

/** The followed file of which this one is a copy, made to truncate the other; `growing` while that may become clear. */
async function findOriginal(
  tail: Tail,
  path: string,
  handle: FileHandle,
  head: Buffer,
): Promise<Followed | "growing" | undefined> {
  for (const file of tail.files.values()) {
    if (dirname(file.path) !== dirname(path)) continue;
    if (!isGenerationName(basename(file.path), basename(path))) continue;
    const { offset, window } = file.reached;
    if (offset < WINDOW_BYTES || !beginsWith(head, file.head)) continue;
    const { size } = await factsOf(handle);
    if (size < offset) return "growing";
    const place = { head: file.head, offset, before: fingerprintOf(window) };
    if (await isPlaceThere(handle, place)) return file;
  }
  return undefined;
}

/** Until it was still for the grace time. */
function isStillGrowing(tail: Tail, path: string, size: number): boolean {
  const now = tail.clock.monotonic();
  const before = tail.growing.get(path);
  if (before?.size === size) return now - before.since < tail.settings.graceMs;
  tail.growing.set(path, { size, since: now });
  return true;
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
