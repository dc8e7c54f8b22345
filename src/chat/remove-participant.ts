import { and, eq, sql } from "drizzle-orm";
import { chatParticipants } from "../db/schema/chat.ts";
import { addEntry, isMade } from "./add-entry.ts";
import { ChatError } from "./chat-error.ts";
import { explainRefusal } from "./explain-refusal.ts";
import type { ChatContext } from "./types.ts";

export type RemoveParticipant = { conversationId: string; userId: string };

/**
 * Removes a user from a group, which its maker may, or leaves it. One who is not in it stays out.
 * `conversation_not_found`, `not_allowed`.
 */
export async function removeParticipant(
  ctx: ChatContext,
  { conversationId, userId }: RemoveParticipant,
): Promise<void> {
  const { db, user } = ctx;
  const isTarget = sql`p.conversation_id = c.id AND p.user_id = ${userId}`;
  const entry = {
    conversationId,
    id: crypto.randomUUID(),
    kind: "remove",
    // Where they had begun: they are told of this when they are no participant any more.
    data: sql`(SELECT json_object('userIds', json_array(p.user_id), 'joined', json_object(p.user_id, p.joined_seq))
      FROM chat_participants p WHERE ${isTarget})`,
  } as const;
  const guard = sql`c.is_group = 1 AND EXISTS (SELECT 1 FROM chat_participants p WHERE ${isTarget})
    AND (c.created_by = ${user.id} OR ${userId} = ${user.id})`;
  const leave = db
    .delete(chatParticipants)
    .where(
      and(
        eq(chatParticipants.conversationId, conversationId),
        eq(chatParticipants.userId, userId),
        isMade(entry),
      ),
    );
  if (await addEntry(ctx, entry, guard, leave)) return;
  const { createdBy } = await explainRefusal(ctx, conversationId, { needsGroup: true });
  if (userId === user.id || createdBy === user.id) return;
  throw new ChatError("not_allowed", "Only who has made a group may remove others from it.");
}
