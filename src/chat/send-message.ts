import type { ChatContext } from "./types.ts";

export type SendMessage = {
  conversationId: string;
  /** Not empty, and no longer than the version allows. */
  content: string;
  /** Any JSON value; unless it is empty, a repeat with the same one gives the first one's answer. */
  tempMessageId?: unknown;
};
export type SentMessage = {
  messageId: string;
  sentAt: string;
  /** Number of the sender's own push; null when it could not be told yet. */
  seq: number | null;
};

/**
 * Stores a message once and tells all participants. `conversation_not_found`, `blocked`, `content_too_long`,
 * `invalid_field`.
 */
export async function sendMessage(_ctx: ChatContext, _input: SendMessage): Promise<SentMessage> {
  throw new Error("not built");
}
