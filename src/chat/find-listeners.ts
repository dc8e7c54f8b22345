import { sql } from "drizzle-orm";
import type { ChatContext } from "./types.ts";

/** The other participants, without those who have blocked the asker and those whom the asker has blocked. */
export async function findListeners(
  { db, user }: ChatContext,
  conversationId: string,
): Promise<string[]> {
  // Raw: the participants are asked for twice, by aliases.
  const rows = await db.all<{ userId: string }>(sql`
    SELECT p.user_id AS userId FROM chat_participants me
    JOIN chat_participants p ON p.conversation_id = me.conversation_id AND p.user_id <> me.user_id
    WHERE me.conversation_id = ${conversationId} AND me.user_id = ${user.id}
      AND me.organization_id = ${user.organizationId}
      AND NOT EXISTS (SELECT 1 FROM chat_blocks b
        WHERE b.organization_id = me.organization_id AND b.user_id = p.user_id AND b.blocked_id = me.user_id)
      AND NOT EXISTS (SELECT 1 FROM chat_blocks b
        WHERE b.organization_id = me.organization_id AND b.user_id = me.user_id AND b.blocked_id = p.user_id)`);
  return rows.map(({ userId }) => userId);
}
