import type { PushDeps } from "./types.ts";

/** Tells each participant each entry once and in order. Never throws: what could not be told, the job tells. */
export async function pushEntries(_deps: PushDeps, _conversationId: string): Promise<void> {
  throw new Error("not built");
}
