import { and, eq } from "drizzle-orm";
import { chatConversations } from "../db/schema/chat.ts";
import { pairKey } from "./pair-key.ts";
import type { ChatContext } from "./types.ts";

/** The conversation with a user, or null. */
export async function findDirect(
  { db, user }: ChatContext,
  { userId }: { userId: string },
): Promise<{ conversationId: string } | null> {
  const row = await db
    .select({ conversationId: chatConversations.id })
    .from(chatConversations)
    .where(
      and(
        eq(chatConversations.organizationId, user.organizationId),
        eq(chatConversations.pairKey, pairKey(user.id, userId)),
      ),
    )
    .get();
  return row ?? null;
}
