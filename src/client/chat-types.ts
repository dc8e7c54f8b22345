/** A message. `sentAt`: RFC 3339 with `Z`, the server's time. */
export type ChatMessage = {
  messageId: string;
  conversationId: string;
  senderId: string;
  content: string;
  sentAt: string;
};

/** What happened in a conversation of the user's. Each comes once, and all of them in their order. */
export type ChatPush =
  | ({ type: "new-message"; tempMessageId: unknown } & ChatMessage)
  | (Of<"message-edited"> & { messageId: string; content: string; editedAt: string })
  | (Of<"message-deleted"> & { messageId: string; deletedAt: string })
  | (Of<"conversation-created"> & {
      title: string;
      isGroup: boolean;
      participants: string[];
      at: string;
    })
  | (Of<"participants-added" | "participants-removed"> & { userIds: string[]; at: string })
  | (Of<"conversation-renamed"> & { title: string; at: string })
  /** `messageId`: the last one that `userId` has read; null: none. */
  | (Of<"read-messages"> & { messageId: string | null; readAt: string });

/** `userId`: who did it. */
type Of<T> = { type: T; conversationId: string; userId: string };

/** What is true for a moment, and kept nowhere. */
export type ChatHint =
  | { type: "typing"; conversationId: string; userId: string; isTyping: boolean }
  | { type: "presence"; userId: string; isOnline: boolean; lastSeenAt: string };

export type NewMessage = {
  conversationId: string;
  content: string;
  /** Made when it is not given. The same one is the same message, however often it is sent. */
  tempMessageId?: string;
};

/** A message that the server has. */
export type SentMessage = {
  tempMessageId: string;
  conversationId: string;
  messageId: string;
  sentAt: string;
};
