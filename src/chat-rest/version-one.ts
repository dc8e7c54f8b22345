import type { Conversation, ListedConversation, ListedMessage, Message } from "../chat/index.ts";
import { DELETED_TEXT } from "./constants.ts";

/*
 * Answers with exactly the keys that clients of version 1 know.
 */

/** One that was deleted stays in its place: these clients page by how many they have. */
export function firstMessage(message: ListedMessage): Message {
  const { messageId, conversationId, sentAt, senderId } = message;
  return { messageId, conversationId, sentAt, senderId, content: contentOf(message) };
}

/** Its id has another name here than anywhere else. */
export function firstConversation(conversation: Conversation) {
  const { conversationId, title, isGroup, participantId } = conversation;
  return { conversation_id: conversationId, title, isGroup, participantId };
}

/** Lists of version 1 have only those with a message. */
export function firstListed({ latest, isRead, ...conversation }: ListedConversation) {
  const { conversationId, title, isGroup, participantId } = conversation;
  return {
    conversationId,
    title,
    isGroup,
    sentAt: latest?.sentAt ?? conversation.createdAt,
    latestContent: latest ? contentOf(latest) : "",
    senderId: latest?.senderId ?? conversation.createdBy,
    isRead,
    participantId,
  };
}

function contentOf({ content, deletedAt }: ListedMessage): string {
  return deletedAt === null ? content : DELETED_TEXT;
}
