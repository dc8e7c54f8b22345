import type { ChatContext } from "./types.ts";

/** Changes one of one's own messages. `message_not_found`, `not_allowed`, `content_too_long`. */
export async function editMessage(
  _ctx: ChatContext,
  _input: { conversationId: string; messageId: string; content: string },
): Promise<{ messageId: string; editedAt: string; seq: number | null }> {
  throw new Error("not built");
}
