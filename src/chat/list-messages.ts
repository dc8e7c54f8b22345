import { type SQL, sql } from "drizzle-orm";
import { MAX_LIMIT } from "./constants.ts";
import { getConversation } from "./get-conversation.ts";
import { MESSAGE_COLUMNS, type MessageRow, toMessage } from "./message-row.ts";
import { messageNotFound } from "./own-message.ts";
import type { ChatContext, ListedMessage } from "./types.ts";

export type ListMessages = {
  conversationId: string;
  /** Up to `MAX_LIMIT`. */
  limit: number;
  /** So many of the newest are left out. */
  offset?: number;
  /** Of the page; `desc` unless told otherwise. */
  order?: "asc" | "desc";
  /** Id of a message: the ones just before it. */
  before?: string;
  /** Id of a message: the ones just after it. */
  after?: string;
};

/**
 * Messages since the asker has joined, deleted ones too: the newest, or those beside another one.
 * `conversation_not_found`, `message_not_found` of `before` and `after`.
 */
export async function listMessages(
  ctx: ChatContext,
  { conversationId, limit, offset = 0, order = "desc", before, after }: ListMessages,
): Promise<ListedMessage[]> {
  const { db, user } = ctx;
  const seqOf = (id: string) => sql`(
    SELECT a.seq FROM chat_entries a WHERE a.conversation_id = ${conversationId} AND a.id = ${id})`;
  const bounds: SQL[] = [];
  if (before !== undefined) bounds.push(sql` AND e.seq < ${seqOf(before)}`);
  if (after !== undefined) bounds.push(sql` AND e.seq > ${seqOf(after)}`);
  // The page is cut where it touches the message that it lies beside.
  const isForward = after !== undefined && before === undefined;
  // Raw: the one who asks and what they see in one statement, which reads the end of the entries' key.
  const rows = await db.all<MessageRow>(sql`
    SELECT ${MESSAGE_COLUMNS}
    FROM chat_participants p JOIN chat_entries e
      ON e.conversation_id = p.conversation_id AND e.seq > p.joined_seq AND e.kind = 'message'
    WHERE p.conversation_id = ${conversationId} AND p.user_id = ${user.id}
      AND p.organization_id = ${user.organizationId}${sql.join(bounds)}
    ORDER BY e.seq ${sql.raw(isForward ? "ASC" : "DESC")}
    LIMIT ${Math.min(limit, MAX_LIMIT)} OFFSET ${offset}`);
  if (rows.length === 0) await explainEmpty(ctx, conversationId, [before, after]);
  const isAscending = order === "asc";
  if (isAscending !== isForward) rows.reverse();
  return rows.map((row) => toMessage(conversationId, row));
}

/** An empty page is an answer; that of a conversation or a message that the asker does not see is not. */
async function explainEmpty(
  ctx: ChatContext,
  conversationId: string,
  ids: (string | undefined)[],
): Promise<void> {
  await getConversation(ctx, { conversationId });
  for (const id of ids) {
    if (id === undefined) continue;
    const [row] = await ctx.db.all(sql`
      SELECT 1 FROM chat_entries WHERE conversation_id = ${conversationId} AND id = ${id}`);
    if (!row) throw messageNotFound(id);
  }
}
