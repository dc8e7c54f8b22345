import type { SavedFile } from "./checkpoint.ts";
import { errorCode } from "./file-facts.ts";
import { type Fingerprint, fingerprintOf } from "./fingerprint.ts";
import type { Followed, Place } from "./followed-file.ts";
import { saveCheckpoint } from "./save-checkpoint.ts";
import { reportProblem, solveProblem, type Tail } from "./tail.ts";

const CONCERNING = "checkpoint";
const running = new WeakMap<Tail, Promise<void>>();

/** Writes down what is acknowledged. A disk that is full is a problem that shows, and no reason to stop alerts. */
export async function saveProgress(tail: Tail): Promise<void> {
  // One after the other: two writers of one draft would mix.
  const saving = (running.get(tail) ?? Promise.resolve()).then(() => save(tail));
  running.set(tail, saving);
  await saving;
}

async function save(tail: Tail): Promise<void> {
  const { checkpointFile } = tail.settings;
  tail.mustSave = false;
  tail.isChanged = false;
  const files = [...tail.files.values()].map((file) => {
    const { acknowledged } = file.ledger;
    return toSaved(file, acknowledged, fingerprintOf(acknowledged.window));
  });
  const seen = [...tail.seen].map(([key, head]) => ({ key, head }));
  const patterns = [...tail.knownPatterns];
  try {
    await saveCheckpoint(checkpointFile, {
      version: 1,
      patterns,
      files: [...tail.unopened, ...files],
      seen,
    });
    solveProblem(tail, CONCERNING);
  } catch (error) {
    tail.isChanged = true;
    reportProblem(
      tail,
      CONCERNING,
      `The checkpoint ${checkpointFile} cannot be written (${errorCode(error)}): after a crash, alerts would be sent again. Make room, give this user the right to write there, or name another file.`,
    );
  }
}

export function toSaved(file: Followed, place: Place, before: Fingerprint): SavedFile {
  const { contentId, path, key, head, mtimeNs } = file;
  const { offset } = place;
  return { contentId, path, key, head, offset, before, mtimeNs: String(mtimeNs) };
}
