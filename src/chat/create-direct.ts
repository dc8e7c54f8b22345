import type { ChatContext } from "./types.ts";

/** Finds or makes the one conversation with a user. `blocked`, `invalid_field`. */
export async function createDirect(
  _ctx: ChatContext,
  _input: { userId: string },
): Promise<{ conversationId: string; isNew: boolean }> {
  throw new Error("not built");
}
