import { sql } from "drizzle-orm";
import { toRfc3339 } from "../time.ts";
import { conversationNotFound } from "./explain-refusal.ts";
import { LAST_READ_ID } from "./last-read.ts";
import type { ChatContext, Participant } from "./types.ts";

type Row = {
  userId: string;
  name: string | null;
  joinedAt: number;
  lastReadMessageId: string | null;
};

/** Who is in it, by the time they joined. `conversation_not_found`. */
export async function listParticipants(
  { db, user }: ChatContext,
  { conversationId }: { conversationId: string },
): Promise<Participant[]> {
  // Raw: a subquery that is shared, and knows the table by its alias.
  const rows = await db.all<Row>(sql`
    SELECT p.user_id AS userId, u.name AS name, p.joined_at AS joinedAt, ${LAST_READ_ID} AS lastReadMessageId
    FROM chat_participants p
    LEFT JOIN chat_users u ON u.organization_id = p.organization_id AND u.user_id = p.user_id
    WHERE p.conversation_id = ${conversationId} AND EXISTS (
      SELECT 1 FROM chat_participants me
      WHERE me.conversation_id = ${conversationId} AND me.user_id = ${user.id}
        AND me.organization_id = ${user.organizationId})
    ORDER BY p.joined_at, p.user_id`);
  if (rows.length === 0) throw conversationNotFound(conversationId);
  return rows.map(({ name, joinedAt, ...row }) => ({
    ...row,
    name: name ?? "",
    joinedAt: toRfc3339(joinedAt),
  }));
}
