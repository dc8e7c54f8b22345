import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { WINDOW_BYTES } from "./constants.ts";

/** Opens a file for reading; a pipe that took its place meanwhile must not hold us up. */
export function openForReading(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** The bytes from `at`, up to `count` of them; fewer at the file's end. */
export async function readBytes(handle: FileHandle, at: number, count: number): Promise<Buffer> {
  const buffer = Buffer.alloc(count);
  const { bytesRead } = await handle.read(buffer, 0, count, at);
  return buffer.subarray(0, bytesRead);
}

/** The first bytes, of which fingerprints are made. */
export function readHead(handle: FileHandle): Promise<Buffer> {
  return readBytes(handle, 0, WINDOW_BYTES);
}

/** The bytes before `offset`, by which a place is known again. */
export function readWindow(handle: FileHandle, offset: number): Promise<Buffer> {
  const count = Math.min(offset, WINDOW_BYTES);
  return readBytes(handle, offset - count, count);
}
