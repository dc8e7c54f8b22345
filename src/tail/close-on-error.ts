import type { FileHandle } from "node:fs/promises";

/** Works with an open file, and closes it when that fails: a disk with faults must not use up the descriptors. */
export async function closeOnError<T>(handle: FileHandle, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await handle.close().catch(() => {});
    throw error;
  }
}
