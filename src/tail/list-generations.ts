import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type FileFacts, factsAt, isAbsence } from "./file-facts.ts";
import { isGenerationName } from "./generation-names.ts";

export type Generation = { path: string; facts: FileFacts };

/** What rotation has made of a path, oldest first. */
export async function listGenerations(path: string): Promise<Generation[]> {
  const folder = dirname(path);
  const generations: Generation[] = [];
  for (const name of await namesIn(folder)) {
    if (!isGenerationName(basename(path), name)) continue;
    const facts = await factsAt(join(folder, name)).catch(() => undefined);
    if (facts?.isFile) generations.push({ path: join(folder, name), facts });
  }
  return generations.sort((one, other) => Number(one.facts.mtimeNs - other.facts.mtimeNs));
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}
