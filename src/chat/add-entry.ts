import { and, eq, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import {
  type ChatEntryKind,
  chatConversations,
  chatEntries,
  chatParticipants,
} from "../db/schema/chat.ts";
import { type PushRows, pushStateQueries, toPushState } from "./push-state.ts";
import { tellAll } from "./tell-all.ts";
import type { ChatContext } from "./types.ts";

export type NewEntry = {
  conversationId: string;
  /** Of an entry that a repeat must not make again: made of what the repeat has in common with the first. */
  id: string;
  kind: ChatEntryKind;
  content?: string;
  /** JSON, or an expression that gives it. */
  data: string | null | SQL;
};

/** The entry that is stored, perhaps before. `pushSeq`: of the asker's own push; null: not told yet. */
export type AddedEntry = Stored & { pushSeq: number | null };
type Stored = { seq: number; at: number; data: unknown };

/**
 * Numbers and stores an entry where the asker is a participant and `guard` holds (of the conversation `c`), does what
 * it says (`effect`, where `isMade` holds), and tells the participants; all but the telling in one batch. Null: nothing
 * is stored.
 */
export async function addEntry(
  ctx: ChatContext,
  entry: NewEntry,
  guard: SQL,
  effect?: BatchItem<"sqlite">,
): Promise<AddedEntry | null> {
  const { db } = ctx;
  const { conversationId } = entry;
  const queries = [
    insert(ctx, entry, guard),
    ...(effect ? [effect] : []),
    count(ctx, entry),
    db
      .select({ seq: chatEntries.seq, at: chatEntries.at, data: chatEntries.data })
      .from(chatEntries)
      .where(isEntry(entry)),
    ...pushStateQueries(db, conversationId),
  ] satisfies BatchItem<"sqlite">[];
  const results: unknown[] = await db.batch(
    queries as unknown as [BatchItem<"sqlite">, ...BatchItem<"sqlite">[]],
  );
  // By their places from the end: there may be no effect.
  const [[stored], ...rows] = results.slice(-5) as [Stored[], ...PushRows];
  if (!stored) return null;
  const state = toPushState(conversationId, rows);
  if (!state) return { ...stored, pushSeq: null };
  return { ...stored, pushSeq: await tellAll(ctx, state, stored.seq) };
}

/** True, within the batch of `addEntry`, where its entry is there. */
export function isMade({ conversationId, id }: NewEntry): SQL {
  return sql`EXISTS (
    SELECT 1 FROM chat_entries made WHERE made.conversation_id = ${conversationId} AND made.id = ${id})`;
}

/** When it was made, where it is. */
export function madeAt({ conversationId, id }: NewEntry): SQL {
  return sql`(
    SELECT made.at FROM chat_entries made WHERE made.conversation_id = ${conversationId} AND made.id = ${id})`;
}

/**
 * The asker is not blocked by the other of a direct conversation `c`. A cross join is taken in its order: there are two
 * participants, and may be thousands who have blocked the asker.
 */
export function isNotBlocked({ user }: ChatContext): SQL {
  return sql`(c.is_group = 1 OR NOT EXISTS (
    SELECT 1 FROM chat_participants other CROSS JOIN chat_blocks b
      ON b.organization_id = c.organization_id AND b.user_id = other.user_id AND b.blocked_id = ${user.id}
    WHERE other.conversation_id = c.id))`;
}

/** The columns in the order of the table's: number, condition and insert must be one statement. */
function insert(
  { db, user }: ChatContext,
  { conversationId, id, kind, content = "", data }: NewEntry,
  guard: SQL,
) {
  return db.insert(chatEntries).select(sql`
    SELECT c.id, c.last_seq + 1, ${id}, ${kind}, ${user.id}, max(${Date.now()}, c.last_at), ${content}, ${data},
      NULL, NULL
    FROM ${chatConversations} c JOIN ${chatParticipants} me ON me.conversation_id = c.id AND me.user_id = ${user.id}
    WHERE c.id = ${conversationId} AND c.organization_id = ${user.organizationId} AND ${guard}
      AND NOT EXISTS (SELECT 1 FROM chat_entries e WHERE e.conversation_id = c.id AND e.id = ${id})`);
}

/** Moves the conversation on to its new entry; one that was there before is counted. */
function count({ db }: ChatContext, entry: NewEntry) {
  const { conversationId, id, kind } = entry;
  const next = sql`last_seq + 1`;
  const isNew = sql`EXISTS (SELECT 1 FROM chat_entries e
    WHERE e.conversation_id = ${conversationId} AND e.id = ${id} AND e.seq = chat_conversations.last_seq + 1)`;
  return db
    .update(chatConversations)
    .set({
      lastSeq: next,
      ...(kind === "message" && { lastMessageSeq: next }),
      lastAt: madeAt(entry),
    })
    .where(and(eq(chatConversations.id, conversationId), isNew));
}

function isEntry({ conversationId, id }: NewEntry) {
  return and(eq(chatEntries.conversationId, conversationId), eq(chatEntries.id, id));
}
