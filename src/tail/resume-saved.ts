import type { FileHandle } from "node:fs/promises";
import type { SavedFile } from "./checkpoint.ts";
import { closeOnError } from "./close-on-error.ts";
import { MAX_OPEN_FILES, WINDOW_BYTES } from "./constants.ts";
import { errorCode, type FileFacts, factsAt, factsOf } from "./file-facts.ts";
import { follow } from "./followed-file.ts";
import { isPlaceThere } from "./is-place-there.ts";
import { type Generation, listGenerations } from "./list-generations.ts";
import { openGenerations } from "./open-generations.ts";
import { openForReading } from "./read-bytes.ts";
import { concerningFile, reportCrowded, reportProblem, solveProblem, type Tail } from "./tail.ts";

type Located = { handle: FileHandle; facts: FileFacts; at: string };

/**
 * Finds the files of the checkpoint again, under their path or among what rotation has made of it, and goes on
 * where they were acknowledged. A path that leads nowhere is waited for: its disk may not be mounted yet.
 */
export async function resumeSaved(tail: Tail): Promise<void> {
  for (const path of new Set(tail.unopened.map((saved) => saved.path))) {
    try {
      await resumePath(tail, path);
    } catch (error) {
      reportProblem(tail, concerningFile(path), {
        code: "file_unfollowed",
        path,
        reason: errorCode(error),
      });
    }
  }
}

async function resumePath(tail: Tail, path: string): Promise<void> {
  const current = await factsAt(path);
  const waiting = tail.unopened.filter((file) => file.path === path);
  if (!current && waiting.every(({ isRead }) => isRead)) return;
  const generations = await listGenerations(tail, path);
  const places = current ? [{ path, facts: current }, ...generations] : generations;
  let lastWrite: bigint | undefined;
  const gone: SavedFile[] = [];
  for (const saved of waiting) {
    if (tail.files.size >= MAX_OPEN_FILES) {
      reportCrowded(tail, path);
      return;
    }
    if (saved.isRead && !current) continue;
    const located = await locate(tail, saved, places);
    if (located === "unreadable") continue;
    if (!located && !current) continue;
    const mtimeNs = located?.facts.mtimeNs ?? BigInt(saved.mtimeNs);
    if (lastWrite === undefined || mtimeNs > lastWrite) lastWrite = mtimeNs;
    if (located) await goOn(tail, saved, located);
    else gone.push(saved);
  }
  const isFollowed = current !== undefined && tail.files.has(current.key);
  if (lastWrite !== undefined && !isFollowed) {
    await openGenerations(tail, path, { mtimeNs: lastWrite, isBacklog: true });
  }
  // Not before: after a crash in between, the generations would not be looked for again.
  tail.unopened = tail.unopened.filter((file) => !gone.includes(file));
  for (const saved of gone) {
    if (!saved.isRead) warnOfGone(tail, saved, current?.key === saved.key);
  }
}

async function goOn(tail: Tail, saved: SavedFile, located: Located): Promise<void> {
  const { handle, facts, at } = located;
  const { path, offset, contentId } = saved;
  const backlog = { end: facts.size, writtenAt: Number(facts.mtimeNs / 1_000_000n) };
  solveProblem(tail, concerningFile(path));
  const from = { offset, contentId, backlog, away: at !== path, saved };
  await closeOnError(handle, () => follow(tail, { handle, facts, path }, from));
}

/** By device and inode first, then by content: `copytruncate` leaves the rest in a copy. */
async function locate(
  tail: Tail,
  saved: SavedFile,
  places: Generation[],
): Promise<Located | "unreadable" | undefined> {
  const same = places.filter(({ facts }) => isSameFile(saved, facts.key));
  const copies = places
    .filter(
      ({ path, facts }) => !same.some((place) => place.facts === facts) && path !== saved.path,
    )
    .sort((one, other) => other.facts.size - one.facts.size);
  // With less to compare, two files that begin with the same line would be taken for one.
  const isTelling = saved.offset >= WINDOW_BYTES;
  for (const place of [...same, ...(isTelling ? copies : [])]) {
    if (place.facts.size < saved.offset || tail.files.has(place.facts.key)) continue;
    const located = await openIfThere(tail, saved, place);
    if (located) return located;
  }
  return undefined;
}

/** Device numbers of network and container mounts change with a reboot; the content is compared anyway. */
function isSameFile(saved: SavedFile, key: string): boolean {
  const inode = (text: string) => text.slice(text.indexOf(":"));
  return key === saved.key || (saved.offset > 0 && inode(key) === inode(saved.key));
}

async function openIfThere(
  tail: Tail,
  saved: SavedFile,
  place: Generation,
): Promise<Located | "unreadable" | undefined> {
  let handle: FileHandle;
  try {
    handle = await openForReading(place.path);
  } catch (error) {
    if (place.facts.key !== saved.key) return undefined;
    const { path } = place;
    reportProblem(tail, concerningFile(saved.path), {
      code: "file_unreadable",
      path,
      reason: errorCode(error),
    });
    return "unreadable";
  }
  return closeOnError(handle, async () => {
    const facts = await factsOf(handle);
    if (await isPlaceThere(handle, saved)) return { handle, facts, at: place.path };
    await handle.close();
    return undefined;
  });
}

function warnOfGone(tail: Tail, { path, offset }: SavedFile, isRewritten: boolean): void {
  tail.warn({ code: isRewritten ? "file_rewritten" : "file_replaced", path, offset });
}
