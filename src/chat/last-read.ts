import { sql } from "drizzle-orm";

/** Id of the last message that the participant `p` has read; null: none. */
export const LAST_READ_ID = sql<string | null>`(
  SELECT r.id FROM chat_entries r
  WHERE r.conversation_id = p.conversation_id AND r.kind = 'message' AND r.seq <= p.last_read_seq
    AND r.seq > p.joined_seq
  ORDER BY r.seq DESC LIMIT 1)`;
