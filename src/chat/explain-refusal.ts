import { and, eq, sql } from "drizzle-orm";
import { chatConversations, chatParticipants } from "../db/schema/chat.ts";
import { isNotBlocked } from "./add-entry.ts";
import { ChatError } from "./chat-error.ts";
import { blockedError } from "./checks.ts";
import type { ChatContext } from "./types.ts";

/** A conversation as one who wanted to do something in it finds it. */
type Facts = { isGroup: boolean; createdBy: string; participants: number };

/**
 * Why nothing was done: says what can be said of the conversation itself, throwing it; else gives what it is like, for
 * the caller to say more.
 */
export async function explainRefusal(
  ctx: ChatContext,
  conversationId: string,
  { needsGroup = false } = {},
): Promise<Facts> {
  const { db, user } = ctx;
  const row = await db
    .select({
      isGroup: sql<number>`c.is_group`,
      createdBy: sql<string>`c.created_by`,
      mayWrite: sql<number>`${isNotBlocked(ctx)}`,
      participants: sql<number>`(
        SELECT count(*) FROM chat_participants p WHERE p.conversation_id = c.id)`,
    })
    .from(sql`${chatConversations} c`)
    .innerJoin(
      chatParticipants,
      and(
        eq(chatParticipants.conversationId, sql`c.id`),
        eq(chatParticipants.userId, user.id),
        eq(chatParticipants.organizationId, user.organizationId),
      ),
    )
    .where(sql`c.id = ${conversationId}`)
    .get();
  if (!row) throw conversationNotFound(conversationId);
  if (needsGroup && !row.isGroup) {
    throw new ChatError(
      "not_allowed",
      "Two users' own conversation cannot be changed; make a group instead.",
    );
  }
  if (!row.mayWrite) throw blockedError();
  return { ...row, isGroup: row.isGroup === 1 };
}

export function conversationNotFound(conversationId: string): ChatError {
  return new ChatError(
    "conversation_not_found",
    `You are in no conversation ${conversationId.slice(0, 100)}.`,
  );
}
