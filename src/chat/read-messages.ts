import type { ChatContext } from "./types.ts";

/** Has read up to a message, or all there is; never goes back. */
export async function readMessages(
  _ctx: ChatContext,
  _input: { conversationId: string; messageId?: string },
): Promise<{ messageId: string | null; readAt: string }> {
  throw new Error("not built");
}
