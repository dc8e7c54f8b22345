import type { ChatContext } from "./types.ts";

/** Ids of those whom the asker has blocked. */
export async function listBlocks(_ctx: ChatContext): Promise<string[]> {
  throw new Error("not built");
}
