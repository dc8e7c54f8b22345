import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { type Checkpoint, formatCheckpoint } from "./checkpoint.ts";
import { isAbsence } from "./file-facts.ts";

/** Where the checkpoint before the last one is kept. */
export function previousOf(path: string): string {
  return `${path}.previous`;
}

export function draftOf(path: string): string {
  return `${path}.tmp`;
}

/**
 * Writes a checkpoint at once: after a crash at any point there is the new one or the old one, whole. The one before
 * stays beside it, for a disk that tears the newest.
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = await open(draftOf(path), "w", 0o600);
  try {
    await draft.writeFile(formatCheckpoint(checkpoint));
    await draft.sync();
  } finally {
    await draft.close();
  }
  await rm(previousOf(path), { force: true });
  await link(path, previousOf(path)).catch(tolerate);
  await rename(draftOf(path), path);
  await syncFolder(dirname(path));
}

/** There is no earlier checkpoint, or the file system knows no second names: then the newest has to do. */
function tolerate(error: NodeJS.ErrnoException): void {
  if (!isAbsence(error) && !["EPERM", "ENOTSUP", "ENOSYS"].includes(error.code ?? "")) throw error;
}

/** Without it a power cut may undo the rename; not every file system can. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}
