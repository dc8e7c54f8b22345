import { sql } from "drizzle-orm";
import { toRfc3339 } from "../time.ts";
import type { ListedMessage } from "./types.ts";

export type MessageRow = {
  messageId: string;
  senderId: string;
  content: string;
  at: number;
  seq: number;
  editedAt: number | null;
  deletedAt: number | null;
};

/** Columns of the message `e`. */
export const MESSAGE_COLUMNS = sql`
  e.id AS messageId, e.user_id AS senderId, e.content AS content, e.at AS at, e.seq AS seq,
  e.edited_at AS editedAt, e.deleted_at AS deletedAt`;

export function toMessage(conversationId: string, row: MessageRow): ListedMessage {
  const { messageId, senderId, content, seq } = row;
  return {
    messageId,
    conversationId,
    senderId,
    content,
    sentAt: toRfc3339(row.at),
    seq,
    editedAt: row.editedAt === null ? null : toRfc3339(row.editedAt),
    deletedAt: row.deletedAt === null ? null : toRfc3339(row.deletedAt),
  };
}
