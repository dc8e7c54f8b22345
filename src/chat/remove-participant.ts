import type { ChatContext } from "./types.ts";

/** Removes a user from a group, which its maker may, or leaves it. */
export async function removeParticipant(
  _ctx: ChatContext,
  _input: { conversationId: string; userId: string },
): Promise<void> {
  throw new Error("not built");
}
