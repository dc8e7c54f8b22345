import { chatParticipants } from "../db/schema/chat.ts";
import { conversationNotFound } from "./explain-refusal.ts";
import { isParticipant } from "./participant.ts";
import type { ChatContext } from "./types.ts";

/** No notice is made for the asker, while they are away, of what is written here. `conversation_not_found`. */
export async function setMuted(
  { db, user }: ChatContext,
  { conversationId, isMuted }: { conversationId: string; isMuted: boolean },
): Promise<void> {
  const set = await db
    .update(chatParticipants)
    .set({ isMuted })
    .where(isParticipant(user, conversationId))
    .returning({ userId: chatParticipants.userId });
  if (set.length === 0) throw conversationNotFound(conversationId);
}
