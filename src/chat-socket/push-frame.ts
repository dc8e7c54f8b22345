import type { ChatVersion } from "../chat/index.ts";
import type { FedFrame } from "./read-line.ts";

/** A push as a connection of a version gets it; null: not at all. */
export function pushFrame(
  { place, event, data }: FedFrame,
  { version, userId }: { version: ChatVersion; userId: string },
): object | null {
  if (version === 2) return { type: event, ...data, seq: place.seq };
  switch (event) {
    case "new-message": {
      const { messageId, tempMessageId = null, conversationId, senderId, content, sentAt } = data;
      return { type: event, messageId, tempMessageId, conversationId, senderId, content, sentAt };
    }
    case "read-messages":
      // Version 1 takes any of them for its own user's.
      if (data.userId !== userId) return null;
      return { type: event, conversationId: data.conversationId, userId };
    default:
      return null;
  }
}
