import { extname } from "node:path";

const COMPRESSED = /\.(gz|tgz|bz2|xz|zst|lz4|lzma|br|zip|7z|z)$/i;
const MAGIC = ["1f8b", "28b52ffd", "fd377a58", "425a68", "504b0304", "04224d18"];

/** `.1`, `-20260212`, `.2026-02-12T03`, `.old`. */
const SUFFIX = /^[._-](\d[\dT:._-]*|old|bak|prev|last)$/i;

/** True for names of compressed files: what they hold is no text, and was read before it was compressed. */
export function isCompressedName(name: string): boolean {
  return COMPRESSED.test(name);
}

/** True when a file begins as compressed ones do, whatever its name. */
export function isCompressed(head: Buffer): boolean {
  const start = head.toString("hex", 0, 4);
  return MAGIC.some((magic) => start.startsWith(magic));
}

/** True when `name` is what rotation makes of `base`: `app.log.1`, `app.log-20260212`, `app.1.log`; never compressed. */
export function isGenerationName(base: string, name: string): boolean {
  if (name === base || isCompressedName(name)) return false;
  if (name.startsWith(base)) return SUFFIX.test(name.slice(base.length));
  const extension = extname(base);
  const stem = base.slice(0, base.length - extension.length);
  if (!extension || !name.startsWith(stem) || !name.endsWith(extension)) return false;
  return SUFFIX.test(name.slice(stem.length, -extension.length));
}
