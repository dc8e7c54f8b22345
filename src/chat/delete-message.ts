import type { ChatContext } from "./types.ts";

/** Deletes the content of one of one's own messages. `message_not_found`, `not_allowed`. */
export async function deleteMessage(
  _ctx: ChatContext,
  _input: { conversationId: string; messageId: string },
): Promise<{ messageId: string; deletedAt: string; seq: number | null }> {
  throw new Error("not built");
}
