import type { FileHandle } from "node:fs/promises";
import { readBytes } from "./read-bytes.ts";

/**
 * Where the last line of the first `size` bytes begins: `size` behind a newline, else the start of the line that is
 * being written. `size` too when that line is longer than `maxLineBytes`.
 */
export async function findLineStart(
  handle: FileHandle,
  size: number,
  maxLineBytes: number,
): Promise<number> {
  const count = Math.min(size, maxLineBytes);
  const last = await readBytes(handle, size - count, count);
  const newline = last.lastIndexOf(0x0a);
  if (newline < 0) return count === size ? 0 : size;
  return size - count + newline + 1;
}
