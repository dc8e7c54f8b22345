import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorCode, type FileFacts, factsAt, isAbsence } from "./file-facts.ts";
import { isGenerationName } from "./generation-names.ts";
import { type Tail, warnOnce } from "./tail.ts";

export type Generation = { path: string; facts: FileFacts };

/** What rotation has made of a path, oldest first. */
export async function listGenerations(tail: Tail, path: string): Promise<Generation[]> {
  const folder = dirname(path);
  const generations: Generation[] = [];
  for (const name of await namesIn(tail, folder)) {
    if (!isGenerationName(basename(path), name)) continue;
    const facts = await factsAt(join(folder, name)).catch(() => undefined);
    if (facts?.isFile) generations.push({ path: join(folder, name), facts });
  }
  return generations.sort((one, other) => Number(one.facts.mtimeNs - other.facts.mtimeNs));
}

/** In some folders files may be opened and not listed; what is followed there must not depend on it. */
async function namesIn(tail: Tail, folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (!isAbsence(error)) {
      const reason = errorCode(error);
      warnOnce(tail, `list ${folder}`, { code: "folder_unlisted", path: folder, reason });
    }
    return [];
  }
}
