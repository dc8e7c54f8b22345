import type { ChatContext } from "./types.ts";

/** The conversation with a user, or null. */
export async function findDirect(
  _ctx: ChatContext,
  _input: { userId: string },
): Promise<{ conversationId: string } | null> {
  throw new Error("not built");
}
