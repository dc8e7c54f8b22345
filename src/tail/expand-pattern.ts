import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, parse, resolve, sep } from "node:path";
import { MAX_DEPTH, MAX_FOLDERS } from "./constants.ts";
import { type FileFacts, factsAt, isAbsence } from "./file-facts.ts";
import { TailFault } from "./notice.ts";

export type Found = {
  /** What the pattern leads to, by absolute path. */
  files: Map<string, FileFacts>;
  /** Folders in which something may appear; watched. */
  folders: Set<string>;
};

/**
 * Finds what a path or a glob stands for: `*` and `?` within a name, `[a-z]`, `**` for any folders. Names with a
 * leading dot only by a pattern with one. A path that exists as it is written is no glob. `fault` is told what
 * could not be looked at.
 */
export async function expandPattern(
  pattern: string,
  found: Found,
  fault: (path: string, error: unknown) => void,
): Promise<void> {
  const path = resolve(pattern);
  const { root } = parse(path);
  const names = path.slice(root.length).split(sep).filter(Boolean);
  if (!isGlob(path) || (await add(path, found, () => {}))) {
    found.folders.add(resolve(path, ".."));
    if (!isGlob(path)) await add(path, found, fault);
    return;
  }
  await walk(root, names, { found, fault, left: { folders: MAX_FOLDERS }, depth: 0 });
}

export function isGlob(path: string): boolean {
  return /[*?[]/.test(path);
}

type Walk = {
  found: Found;
  fault: (path: string, error: unknown) => void;
  left: { folders: number };
  depth: number;
};

async function walk(folder: string, names: string[], walking: Walk): Promise<void> {
  const [name = "", ...rest] = names;
  const isLast = rest.length === 0;
  if (!isGlob(name)) {
    const path = join(folder, name);
    if (isLast) {
      walking.found.folders.add(folder);
      await add(path, walking.found, walking.fault);
    } else await walk(path, rest, walking);
    return;
  }
  walking.found.folders.add(folder);
  const entries = await list(folder, walking);
  if (name === "**") {
    if (!isLast) await walk(folder, rest, walking);
    if (walking.depth >= MAX_DEPTH) return;
    const deeper = { ...walking, depth: walking.depth + 1 };
    for (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      // Links to folders are not followed: they may lead round in a circle.
      if (entry.isDirectory()) await walk(join(folder, entry.name), names, deeper);
      else if (isLast) await add(join(folder, entry.name), walking.found, walking.fault);
    }
    return;
  }
  const fits = nameTest(name);
  for (const entry of entries) {
    if (!fits(entry.name)) continue;
    const path = join(folder, entry.name);
    if (isLast) await add(path, walking.found, walking.fault);
    else if (!entry.isFile()) await walk(path, rest, walking);
  }
}

async function list(folder: string, { left, fault }: Walk): Promise<Dirent[]> {
  if (left.folders-- <= 0) {
    fault(folder, new TailFault({ code: "too_many_folders", path: folder, limit: MAX_FOLDERS }));
    return [];
  }
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (!isAbsence(error)) fault(folder, error);
    return [];
  }
}

async function add(path: string, found: Found, fault: Walk["fault"]): Promise<boolean> {
  try {
    const facts = await factsAt(path);
    if (!facts?.isFile) return false;
    found.files.set(path, facts);
    return true;
  } catch (error) {
    fault(path, error);
    return false;
  }
}

/** A test for one name of a glob. */
export function nameTest(glob: string): (name: string) => boolean {
  const source = glob.replace(/\[!?[^\]]+\]|[*?]|[\\^$.|+(){}[\]]/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    if (part.length > 1) return part.replace("[!", "[^").replaceAll("\\", "\\\\");
    return `\\${part}`;
  });
  const regex = new RegExp(`^${source.replace(/(\.\*)+/g, ".*")}$`, "su");
  return (name) => regex.test(name) && (glob.startsWith(".") || !name.startsWith("."));
}
