import { and, eq, sql } from "drizzle-orm";
import { chatEntries } from "../db/schema/chat.ts";
import { toRfc3339 } from "../time.ts";
import { addEntry, isMade, isNotBlocked, madeAt } from "./add-entry.ts";
import { checkContent } from "./checks.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { getOwnMessage, messageNotFound, ownMessage } from "./own-message.ts";
import type { ChatContext } from "./types.ts";

export type EditMessage = { conversationId: string; messageId: string; content: string };
/** `seq`: number of the own push; null when there was nothing to change, or when it could not be told yet. */
export type EditedMessage = { messageId: string; editedAt: string; seq: number | null };

/**
 * Changes one of one's own messages; to what it says already, changes nothing. `conversation_not_found`,
 * `message_not_found` also for one that is deleted, `not_allowed`, `blocked`, `content_too_long`, `invalid_field`.
 */
export async function editMessage(ctx: ChatContext, input: EditMessage): Promise<EditedMessage> {
  const { conversationId, messageId } = input;
  const content = checkContent(ctx, input.content);
  const entry = {
    conversationId,
    id: crypto.randomUUID(),
    kind: "edit",
    data: JSON.stringify({ messageId }),
  } as const;
  const isOther = sql`${ownMessage(ctx, messageId, sql`m.content <> ${content}`)} AND ${isNotBlocked(ctx)}`;
  const edit = ctx.db
    .update(chatEntries)
    .set({ content, editedAt: madeAt(entry) })
    .where(
      and(
        eq(chatEntries.conversationId, conversationId),
        eq(chatEntries.id, messageId),
        isMade(entry),
      ),
    );
  const added = await addEntry(ctx, entry, isOther, edit);
  if (added) return { messageId, editedAt: toRfc3339(added.at), seq: added.pushSeq };
  await explainRefusal(ctx, conversationId);
  const message = await getOwnMessage(ctx, input);
  if (message.deletedAt !== null) throw messageNotFound(messageId);
  return { messageId, editedAt: toRfc3339(message.editedAt ?? message.at), seq: null };
}
