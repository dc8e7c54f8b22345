import { and, eq, type SQL, sql } from "drizzle-orm";
import { chatEntries, chatParticipants } from "../db/schema/chat.ts";
import { ChatError } from "./chat-error.ts";
import { conversationNotFound } from "./explain-refusal.ts";
import type { ChatContext } from "./types.ts";

/** True, of the conversation `c`, where the asker has written a message `m` that is not deleted. */
export function ownMessage({ user }: ChatContext, messageId: string, more = sql`true`): SQL {
  return sql`EXISTS (SELECT 1 FROM chat_entries m
    WHERE m.conversation_id = c.id AND m.id = ${messageId} AND m.kind = 'message' AND m.user_id = ${user.id}
      AND m.deleted_at IS NULL AND ${more})`;
}

/** The asker's message, deleted or not; throws when it is not theirs, or not to be seen by them. */
export async function getOwnMessage(
  { db, user }: ChatContext,
  { conversationId, messageId }: { conversationId: string; messageId: string },
) {
  const [[me], [message]] = await db.batch([
    db
      .select({ joinedSeq: chatParticipants.joinedSeq })
      .from(chatParticipants)
      .where(
        and(
          eq(chatParticipants.conversationId, conversationId),
          eq(chatParticipants.userId, user.id),
          eq(chatParticipants.organizationId, user.organizationId),
        ),
      ),
    db
      .select({
        seq: chatEntries.seq,
        userId: chatEntries.userId,
        at: chatEntries.at,
        editedAt: chatEntries.editedAt,
        deletedAt: chatEntries.deletedAt,
      })
      .from(chatEntries)
      .where(
        and(
          eq(chatEntries.conversationId, conversationId),
          eq(chatEntries.id, messageId),
          eq(chatEntries.kind, "message"),
        ),
      ),
  ]);
  if (!me) throw conversationNotFound(conversationId);
  if (!message) throw messageNotFound(messageId);
  if (message.userId === user.id) return message;
  if (message.seq <= me.joinedSeq) throw messageNotFound(messageId);
  throw new ChatError("not_allowed", "Only who has written a message may change it.");
}

export function messageNotFound(messageId: string): ChatError {
  return new ChatError(
    "message_not_found",
    `There is no message ${messageId.slice(0, 100)} in this conversation.`,
  );
}
