import type { ChatContext } from "./types.ts";

/** Takes a block back. */
export async function unblock(_ctx: ChatContext, _input: { userId: string }): Promise<void> {
  throw new Error("not built");
}
