import { and, eq } from "drizzle-orm";
import { chatEntries } from "../db/schema/chat.ts";
import { toRfc3339 } from "../time.ts";
import { addEntry, isMade, madeAt } from "./add-entry.ts";
import { getOwnMessage, messageNotFound, ownMessage } from "./own-message.ts";
import type { ChatContext } from "./types.ts";

export type DeleteMessage = { conversationId: string; messageId: string };
/** `seq`: number of the own push; null when it was deleted before, or when it could not be told yet. */
export type DeletedMessage = { messageId: string; deletedAt: string; seq: number | null };

/**
 * Deletes what one of one's own messages says; its place stays. `conversation_not_found`, `message_not_found`,
 * `not_allowed`.
 */
export async function deleteMessage(
  ctx: ChatContext,
  input: DeleteMessage,
): Promise<DeletedMessage> {
  const { conversationId, messageId } = input;
  const entry = {
    conversationId,
    id: crypto.randomUUID(),
    kind: "delete",
    data: JSON.stringify({ messageId }),
  } as const;
  const erase = ctx.db
    .update(chatEntries)
    .set({ content: "", deletedAt: madeAt(entry) })
    .where(
      and(
        eq(chatEntries.conversationId, conversationId),
        eq(chatEntries.id, messageId),
        isMade(entry),
      ),
    );
  const added = await addEntry(ctx, entry, ownMessage(ctx, messageId), erase);
  if (added) return { messageId, deletedAt: toRfc3339(added.at), seq: added.pushSeq };
  const { deletedAt } = await getOwnMessage(ctx, input);
  if (deletedAt === null) throw messageNotFound(messageId);
  return { messageId, deletedAt: toRfc3339(deletedAt), seq: null };
}
