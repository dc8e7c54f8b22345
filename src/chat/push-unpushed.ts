import type { PushDeps } from "./types.ts";

/** Tells participants what they were not told, because whoever stored it was stopped. */
export async function pushUnpushed(_deps: PushDeps): Promise<Record<string, number>> {
  return { conversations: 0 };
}
