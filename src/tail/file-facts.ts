import type { BigIntStats } from "node:fs";
import { type FileHandle, stat } from "node:fs/promises";

export type FileFacts = {
  /** Device and inode: one file, whatever its name. */
  key: string;
  size: number;
  mtimeNs: bigint;
  isFile: boolean;
  /** No name leads to it any more. */
  isDeleted: boolean;
};

/** What a path leads to, through links; undefined when it leads nowhere. Throws what forbids to look. */
export async function factsAt(path: string): Promise<FileFacts | undefined> {
  try {
    return toFacts(await stat(path, { bigint: true }));
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

export async function factsOf(handle: FileHandle): Promise<FileFacts> {
  return toFacts(await handle.stat({ bigint: true }));
}

export function isAbsence(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP";
}

export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}

function toFacts(stats: BigIntStats): FileFacts {
  return {
    key: `${stats.dev}:${stats.ino}`,
    size: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    isFile: stats.isFile(),
    isDeleted: stats.nlink === 0n,
  };
}
