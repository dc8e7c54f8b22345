import { eq, type SQL, sql } from "drizzle-orm";
import { chatConversations, chatEntries, chatParticipants } from "../db/schema/chat.ts";
import { type PushRows, pushStateQueries, toPushState } from "./push-state.ts";
import { tellAll } from "./tell-all.ts";
import type { ChatContext } from "./types.ts";

export type NewConversation = {
  id: string;
  /** The two users of a direct one; null: a group. */
  pairKey: string | null;
  title: string;
  /** The maker's too. */
  participants: string[];
};
export type MadeConversation = { conversationId: string; isNew: boolean };

/**
 * Makes a conversation in one batch, unless there is one with this id or of this pair; tells the participants. Null: one
 * of them has blocked the maker.
 */
export async function makeConversation(
  ctx: ChatContext,
  { id, pairKey, title, participants }: NewConversation,
): Promise<MadeConversation | null> {
  const { db, user } = ctx;
  const { organizationId } = user;
  const now = Date.now();
  const isGroup = pairKey === null;
  const entryId = crypto.randomUUID();
  const facts = JSON.stringify({ title, isGroup, participants });
  const users = JSON.stringify(participants);
  const isBlocked = sql`EXISTS (SELECT 1 FROM json_each(${users}) u CROSS JOIN chat_blocks b ON b.user_id = u.value
    WHERE b.organization_id = ${organizationId} AND b.blocked_id = ${user.id})`;
  // A conversation without entries is the one that this batch makes.
  const isNew = sql`c.id = ${id} AND NOT EXISTS (
    SELECT 1 FROM chat_entries e WHERE e.conversation_id = c.id)`;
  const [, , , [found], [made], ...rows] = await db.batch([
    db
      .insert(chatConversations)
      .select(sql`
      SELECT ${id}, ${organizationId}, ${pairKey}, ${isGroup ? 1 : 0}, ${title}, ${user.id}, ${now}, 1, 0, 0, ${now}
      WHERE NOT ${isBlocked}`)
      .onConflictDoNothing(),
    db.insert(chatParticipants).select(sql`
      SELECT c.id, u.value, c.organization_id, 0, 0, 0, ${now}
      FROM ${chatConversations} c, json_each(${users}) u WHERE ${isNew}`),
    db.insert(chatEntries).select(sql`
      SELECT c.id, 1, ${entryId}, 'create', ${user.id}, ${now}, '', ${facts}, NULL, NULL
      FROM ${chatConversations} c WHERE ${isNew}`),
    db
      .select({ id: chatConversations.id })
      .from(chatConversations)
      .where(isThere(organizationId, id, pairKey)),
    db.select({ seq: chatEntries.seq }).from(chatEntries).where(isEntry(id, entryId)),
    ...pushStateQueries(db, id),
  ]);
  if (!found) return null;
  const state = made && toPushState(id, rows satisfies PushRows);
  if (state) await tellAll(ctx, state, 1);
  return { conversationId: found.id, isNew: made !== undefined };
}

function isThere(organizationId: string, id: string, pairKey: string | null): SQL {
  return pairKey === null
    ? sql`${chatConversations.id} = ${id} AND ${chatConversations.organizationId} = ${organizationId}`
    : sql`${chatConversations.organizationId} = ${organizationId} AND ${eq(chatConversations.pairKey, pairKey)}`;
}

function isEntry(conversationId: string, id: string): SQL {
  return sql`${chatEntries.conversationId} = ${conversationId} AND ${chatEntries.id} = ${id}`;
}
