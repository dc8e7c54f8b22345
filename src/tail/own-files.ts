import { fstat } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { factsAt } from "./file-facts.ts";
import { draftOf, previousOf } from "./save-checkpoint.ts";
import type { Tail } from "./tail.ts";

const statDescriptor = promisify(fstat);

/** True for the checkpoint, and for files that our own output goes to: each line told would make another. */
export async function isOwnFile(tail: Tail, path: string, key: string): Promise<boolean> {
  const checkpoint = resolve(tail.settings.checkpointFile);
  const { ownFiles } = tail.settings;
  const own = [checkpoint, draftOf(checkpoint), previousOf(checkpoint), ...ownFiles];
  if (own.includes(path)) return true;
  // Another path may lead to them.
  for (const one of own) if ((await factsAt(one).catch(() => undefined))?.key === key) return true;
  for (const descriptor of [1, 2]) {
    const { dev, ino } = await statDescriptor(descriptor).catch(() => ({ dev: -1, ino: -1 }));
    if (key === `${dev}:${ino}`) return true;
  }
  return false;
}
