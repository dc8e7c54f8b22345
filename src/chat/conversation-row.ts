import { sql } from "drizzle-orm";
import { toRfc3339 } from "../time.ts";
import { LAST_READ_ID } from "./last-read.ts";
import type { Conversation } from "./types.ts";

export type ConversationRow = {
  conversationId: string;
  title: string;
  isGroup: number;
  createdBy: string;
  createdAt: number;
  participantId: string | null;
  isMuted: number;
  lastReadMessageId: string | null;
};

/** Columns of the conversation `c` as its participant `p` sees it. */
export const CONVERSATION_COLUMNS = sql`
  c.id AS conversationId, c.title AS title, c.is_group AS isGroup, c.created_by AS createdBy,
  c.created_at AS createdAt, p.is_muted AS isMuted, ${LAST_READ_ID} AS lastReadMessageId,
  (SELECT min(o.user_id) FROM chat_participants o
    WHERE o.conversation_id = c.id AND o.user_id <> p.user_id) AS participantId`;

export function toConversation(row: ConversationRow): Conversation {
  const { conversationId, title, createdBy, participantId, lastReadMessageId } = row;
  return {
    conversationId,
    title,
    isGroup: row.isGroup === 1,
    createdBy,
    createdAt: toRfc3339(row.createdAt),
    participantId,
    isMuted: row.isMuted === 1,
    lastReadMessageId,
  };
}
