import { sql } from "drizzle-orm";
import { CONVERSATION_COLUMNS, type ConversationRow, toConversation } from "./conversation-row.ts";
import { conversationNotFound } from "./explain-refusal.ts";
import type { ChatContext, Conversation } from "./types.ts";

/** `conversation_not_found` also for those who are no participant. */
export async function getConversation(
  { db, user }: ChatContext,
  { conversationId }: { conversationId: string },
): Promise<Conversation> {
  // Raw: subqueries of the same tables as the query itself, told apart by their aliases.
  const [row] = await db.all<ConversationRow>(sql`
    SELECT ${CONVERSATION_COLUMNS}
    FROM chat_participants p JOIN chat_conversations c ON c.id = p.conversation_id
    WHERE p.conversation_id = ${conversationId} AND p.user_id = ${user.id}
      AND p.organization_id = ${user.organizationId}`);
  if (!row) throw conversationNotFound(conversationId);
  return toConversation(row);
}
