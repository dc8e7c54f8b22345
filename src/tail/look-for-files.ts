import { admitNewcomer } from "./admit-newcomer.ts";
import { MAX_SAVED_FILES, MAX_SEEN_FILES } from "./constants.ts";
import { expandPattern, type Found } from "./expand-pattern.ts";
import { errorCode } from "./file-facts.ts";
import { forgetProblems } from "./forget-problems.ts";
import { TailFault } from "./notice.ts";
import { resumeSaved } from "./resume-saved.ts";
import { concerningFile, reportProblem, solveProblem, type Tail } from "./tail.ts";

const LOOK = "look ";

/**
 * Looks where the patterns lead: opens what is new, and notes which open files they do not lead to any more. Goes on
 * while nothing can be sent, so that a file that is rotated twice meanwhile is held by its descriptor.
 * Gives the folders in which files may appear.
 */
export async function lookForFiles(tail: Tail): Promise<Set<string>> {
  const { found, first, waitingFor } = await expandAll(tail);
  tail.waitingFor = waitingFor;
  tail.isCrowded = false;
  await resumeSaved(tail);
  markAway(tail, found);
  for (const [path, facts] of [...found.files].sort(([one], [other]) => (one < other ? -1 : 1))) {
    if (tail.files.has(facts.key)) continue;
    try {
      await admitNewcomer(tail, { path, facts, isFirst: first.has(path) });
    } catch (error) {
      reportProblem(tail, concerningFile(path), {
        code: "file_unfollowed",
        path,
        reason: errorCode(error),
      });
    }
  }
  for (const pattern of tail.settings.patterns) tail.knownPatterns.add(pattern);
  for (const path of tail.growing.keys()) if (!found.files.has(path)) tail.growing.delete(path);
  forgetOldest(tail);
  await forgetProblems(tail);
  return found.folders;
}

async function expandAll(tail: Tail) {
  const found: Found = { files: new Map(), folders: new Set() };
  const first = new Set<string>();
  const waitingFor: string[] = [];
  const faults = new Set<string>();
  const fault = (path: string, error: unknown) => {
    faults.add(LOOK + path);
    const notice = error instanceof TailFault ? error.notice : undefined;
    const reason = errorCode(error);
    reportProblem(tail, LOOK + path, notice ?? { code: "folder_unreadable", path, reason });
  };
  const { patterns } = tail.settings;
  // Known ones first: what an earlier run would have followed is not there for the first time.
  const isNew = (pattern: string) => !tail.knownPatterns.has(pattern);
  for (const pattern of [...patterns].sort((a, b) => Number(isNew(a)) - Number(isNew(b)))) {
    const own: Found = { files: new Map(), folders: found.folders };
    await expandPattern(pattern, own, fault);
    if (own.files.size === 0) waitingFor.push(pattern);
    for (const [path, facts] of own.files) {
      if (isNew(pattern) && !found.files.has(path)) first.add(path);
      found.files.set(path, facts);
    }
  }
  for (const concerning of tail.problems.keys()) {
    if (concerning.startsWith(LOOK) && !faults.has(concerning)) solveProblem(tail, concerning);
  }
  return { found, first, waitingFor };
}

function markAway(tail: Tail, found: Found): void {
  const keys = new Set([...found.files.values()].map(({ key }) => key));
  for (const file of tail.files.values()) {
    if (keys.has(file.key)) file.awaySince = undefined;
    else file.awaySince ??= tail.clock.monotonic();
  }
}

function forgetOldest(tail: Tail): void {
  for (const key of tail.seen.keys()) {
    if (tail.seen.size <= MAX_SEEN_FILES) break;
    tail.seen.delete(key);
  }
  const read = tail.unopened.filter(({ isRead }) => isRead);
  const oldest = new Set(read.slice(0, -MAX_SEEN_FILES));
  tail.unopened = tail.unopened.filter((saved) => !oldest.has(saved)).slice(-MAX_SAVED_FILES);
}
