import type { ChatContext, Conversation } from "./types.ts";

/** `conversation_not_found` also for those who are no participant. */
export async function getConversation(
  _ctx: ChatContext,
  _input: { conversationId: string },
): Promise<Conversation> {
  throw new Error("not built");
}
