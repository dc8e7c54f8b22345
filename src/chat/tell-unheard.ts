import { and, eq, gt, inArray } from "drizzle-orm";
import { chatConversations, chatEntries, chatParticipants } from "../db/schema/chat.ts";
import { log } from "../log.ts";
import { selectEntries } from "./entries.ts";
import { isParticipant } from "./participant.ts";
import { tellAbsent } from "./tell-absent.ts";
import type { ChatContext } from "./types.ts";

/** A message that a user's connection was sent. */
export type SentTo = { conversationId: string; messageId: string };

/**
 * Makes notices of messages that were sent to a connection of the asker which turned out to be dead, as if there had been
 * none: of those that they have not read since. A message has one notice in any case. Never throws.
 */
export async function tellUnheard(ctx: ChatContext, messages: readonly SentTo[]): Promise<void> {
  const ids = Map.groupBy(messages, ({ conversationId }) => conversationId);
  try {
    for (const [id, of] of ids) {
      await tellUnheardOf(
        ctx,
        id,
        of.map(({ messageId }) => messageId),
      );
    }
  } catch (error) {
    log.warn("chat_unheard_not_told", { error });
  }
}

async function tellUnheardOf(
  ctx: ChatContext,
  conversationId: string,
  messageIds: string[],
): Promise<void> {
  const { db, user } = ctx;
  const [[conversation], entries] = await db.batch([
    db
      .select({ title: chatConversations.title, isGroup: chatConversations.isGroup })
      .from(chatConversations)
      .where(eq(chatConversations.id, conversationId)),
    selectEntries(db)
      .innerJoin(
        chatParticipants,
        and(isParticipant(user, conversationId), gt(chatEntries.seq, chatParticipants.lastReadSeq)),
      )
      .where(
        and(eq(chatEntries.conversationId, conversationId), inArray(chatEntries.id, messageIds)),
      ),
  ]);
  if (!conversation) return;
  const absences = entries.map((entry) => ({ userId: user.id, entry }));
  await tellAbsent(ctx, ctx.source, { conversationId, ...conversation }, absences);
}
