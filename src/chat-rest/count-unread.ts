import { sql } from "drizzle-orm";
import type { ChatContext } from "../chat/index.ts";

/** Conversations whose latest message the asker has not read: as many as the list with `isRead=false` has. */
export async function countUnread({ db, user }: Pick<ChatContext, "db" | "user">): Promise<number> {
  // Raw: conditions between columns of three tables.
  const [row] = await db.all<{ unread: number }>(sql`
    SELECT count(*) AS unread
    FROM chat_participants p
    JOIN chat_conversations c ON c.id = p.conversation_id
    JOIN chat_entries e ON e.conversation_id = c.id AND e.seq = c.last_message_seq
    WHERE p.organization_id = ${user.organizationId} AND p.user_id = ${user.id}
      AND e.seq > max(p.joined_seq, p.last_read_seq) AND e.user_id <> p.user_id`);
  return row?.unread ?? 0;
}
