import { sql } from "drizzle-orm";
import { ChatError } from "./chat-error.ts";
import { MAX_CONVERSATIONS, MAX_LIMIT, MAX_UNREAD } from "./constants.ts";
import { CONVERSATION_COLUMNS, type ConversationRow, toConversation } from "./conversation-row.ts";
import { MESSAGE_COLUMNS, type MessageRow, toMessage } from "./message-row.ts";
import type { ChatContext, ListedConversation } from "./types.ts";

export type ListConversations = {
  isRead?: boolean;
  /** `next` of the page before. */
  before?: string;
  /** Up to `MAX_LIMIT`; without it, up to `MAX_CONVERSATIONS`. */
  limit?: number;
};
export type ConversationPage = {
  items: ListedConversation[];
  /** What `before` takes for the page that follows; null: there is none. */
  next: string | null;
};

type Row = ConversationRow & { [K in keyof MessageRow]: MessageRow[K] | null } & {
  sortAt: number;
  isRead: number;
  unread: number;
};

/**
 * The asker's conversations, by their latest message or when the asker has joined, the newest first. Version 1: only those
 * with a message and with another participant, and `unread` is 0. `invalid_field`.
 */
export async function listConversations(
  { db, user, version }: ChatContext,
  { isRead, before, limit }: ListConversations,
): Promise<ConversationPage> {
  const count = limit === undefined ? MAX_CONVERSATIONS : Math.min(limit, MAX_LIMIT);
  const position = before === undefined ? null : readPosition(before);
  const isReadNow = sql`(e.seq IS NULL OR e.seq <= p.last_read_seq OR e.user_id = p.user_id)`;
  const hasOther = sql`EXISTS (SELECT 1 FROM chat_participants o
    WHERE o.conversation_id = c.id AND o.user_id <> p.user_id)`;
  const conditions = [
    ...(position
      ? [sql`(coalesce(e.at, p.joined_at), c.id) < (${position.at}, ${position.id})`]
      : []),
    ...(isRead === undefined ? [] : [sql`${isReadNow} = ${isRead ? 1 : 0}`]),
    ...(version === 1 ? [sql`e.seq IS NOT NULL AND ${hasOther}`] : []),
  ].map((condition) => sql` AND ${condition}`);
  // Clients of version 1 ask each minute, and are not told how many.
  const unread =
    version === 1
      ? sql`0`
      : sql`(SELECT count(*) FROM (
        SELECT 1 FROM chat_entries n
        WHERE n.conversation_id = c.id AND n.seq > p.last_read_seq AND n.kind = 'message'
          AND n.user_id <> p.user_id AND n.deleted_at IS NULL
        LIMIT ${MAX_UNREAD}))`;
  // Raw: subqueries of the same tables as the query itself, told apart by their aliases. What is counted and looked up is
  // that of the page alone, however many conversations there are.
  const rows = await db.all<Row>(sql`
    WITH page AS MATERIALIZED (
      SELECT c.id AS id, e.seq AS seq, coalesce(e.at, p.joined_at) AS sortAt, ${isReadNow} AS isRead
      FROM chat_participants p
      JOIN chat_conversations c ON c.id = p.conversation_id
      LEFT JOIN chat_entries e
        ON e.conversation_id = c.id AND e.seq = c.last_message_seq AND e.seq > p.joined_seq
      WHERE p.organization_id = ${user.organizationId} AND p.user_id = ${user.id}${sql.join(conditions)}
      ORDER BY sortAt DESC, c.id DESC LIMIT ${count + 1})
    SELECT ${CONVERSATION_COLUMNS}, ${MESSAGE_COLUMNS}, page.sortAt AS sortAt, page.isRead AS isRead, ${unread} AS unread
    FROM page
    CROSS JOIN chat_conversations c ON c.id = page.id
    CROSS JOIN chat_participants p ON p.conversation_id = c.id AND p.user_id = ${user.id}
    LEFT JOIN chat_entries e ON e.conversation_id = c.id AND e.seq = page.seq
    ORDER BY page.sortAt DESC, page.id DESC`);
  const page = rows.slice(0, count);
  const last = page.at(-1);
  const next = last && rows.length > count ? `${last.sortAt}.${last.conversationId}` : null;
  return { items: page.map(toListed), next };
}

function toListed(row: Row): ListedConversation {
  return {
    ...toConversation(row),
    latest: hasMessage(row) ? toMessage(row.conversationId, row) : null,
    isRead: row.isRead === 1,
    unread: row.unread,
  };
}

function hasMessage(row: Row): row is Row & MessageRow {
  return row.messageId !== null;
}

function readPosition(text: string): { at: number; id: string } {
  const [, at, id] = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(text) ?? [];
  if (at !== undefined && id !== undefined) return { at: Number(at), id };
  throw new ChatError("invalid_field", "before: this is no `next` of a page before.");
}
