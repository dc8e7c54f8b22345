import { sql } from "drizzle-orm";
import { chatParticipants } from "../db/schema/chat.ts";
import { log } from "../log.ts";
import { toRfc3339 } from "../time.ts";
import { ACK_WITHIN_MS, CHANNELS_AT_ONCE, MAX_TOLD_OF_HINTS } from "./constants.ts";
import { eachAtOnce } from "./each-at-once.ts";
import { conversationNotFound } from "./explain-refusal.ts";
import { findListeners } from "./find-listeners.ts";
import { LAST_READ_ID } from "./last-read.ts";
import { messageNotFound } from "./own-message.ts";
import { isParticipant } from "./participant.ts";
import { type ChatContext, type Push, userTopic } from "./types.ts";

export type ReadMessages = {
  conversationId: string;
  /** The last one that was read; without it all there are. */
  messageId?: string;
};
/** `messageId`: up to where the asker has now read; null: nothing. */
export type ReadState = { messageId: string | null; readAt: string };

/**
 * Moves the asker's pointer on, never back. Their own connections are told in any case, since clients wait for it; the
 * other participants when it has moved. `conversation_not_found`, `message_not_found`.
 */
export async function readMessages(
  ctx: ChatContext,
  { conversationId, messageId }: ReadMessages,
): Promise<ReadState> {
  const { db, user } = ctx;
  const target =
    messageId === undefined
      ? sql`(SELECT c.last_message_seq FROM chat_conversations c WHERE c.id = ${conversationId})`
      : sql`(SELECT e.seq FROM chat_entries e
          WHERE e.conversation_id = ${conversationId} AND e.id = ${messageId} AND e.kind = 'message')`;
  const [moved, [me]] = await db.batch([
    db
      .update(chatParticipants)
      .set({ lastReadSeq: target })
      .where(sql`${isParticipant(user, conversationId)} AND last_read_seq < ${target}`)
      .returning({ userId: chatParticipants.userId }),
    db
      .select({
        hasTarget: sql<number>`${target} > p.joined_seq`.as("has_target"),
        messageId: LAST_READ_ID.as("message_id"),
      })
      .from(sql`${chatParticipants} p`)
      .where(sql`p.conversation_id = ${conversationId} AND p.user_id = ${user.id}
        AND p.organization_id = ${user.organizationId}`),
  ]);
  if (!me) throw conversationNotFound(conversationId);
  if (messageId !== undefined && !me.hasTarget) throw messageNotFound(messageId);
  const read = { messageId: me.messageId, readAt: toRfc3339(Date.now()) };
  const push = { type: "read-messages", conversationId, userId: user.id, ...read } as const;
  const others = moved.length > 0 ? await findListeners(ctx, conversationId) : [];
  const told = others.length > MAX_TOLD_OF_HINTS ? [] : others;
  const telling = eachAtOnce([user.id, ...told], CHANNELS_AT_ONCE, (id) => tell(ctx, id, push));
  ctx.waitUntil(telling);
  await atMost(telling);
  return read;
}

/** Those who answer are waited for, so that what is read next is told next. */
async function atMost(telling: Promise<void>): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ACK_WITHIN_MS);
  await Promise.race([telling, over.promise]);
  clearTimeout(timer);
}

/** Once: who misses it sees the pointer when they ask. */
async function tell({ channels, user }: ChatContext, userId: string, push: Push): Promise<void> {
  const { type, ...data } = push;
  try {
    const channel = channels.getByName(userTopic(user.organizationId, userId));
    await channel.publish({ frames: [{ event: type, data: JSON.stringify(data) }] });
  } catch (error) {
    log.warn("chat_read_not_told", { conversationId: push.conversationId, error });
  }
}
