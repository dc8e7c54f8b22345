import { errorCode } from "./file-facts.ts";
import { saveCheckpoint } from "./save-checkpoint.ts";
import { reportProblem, solveProblem, type Tail } from "./tail.ts";
import { toSaved } from "./to-saved.ts";

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
  const files = [...tail.files.values()].map(toSaved);
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
    const reason = errorCode(error);
    reportProblem(tail, CONCERNING, {
      code: "checkpoint_unwritable",
      path: checkpointFile,
      reason,
    });
  }
}
