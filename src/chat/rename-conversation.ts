import type { ChatContext } from "./types.ts";

/** Gives a group another title. */
export async function renameConversation(
  _ctx: ChatContext,
  _input: { conversationId: string; title: string },
): Promise<void> {
  throw new Error("not built");
}
