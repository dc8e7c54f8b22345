import { sql } from "drizzle-orm";
import { chatEntries, chatParticipants } from "../db/schema/chat.ts";
import { addEntry } from "./add-entry.ts";
import { blockedError, checkOthers, tooMany } from "./checks.ts";
import { MAX_PARTICIPANTS } from "./constants.ts";
import type { EntryData } from "./entries.ts";
import { explainRefusal } from "./explain-refusal.ts";
import type { ChatContext } from "./types.ts";

export type AddParticipants = { conversationId: string; userIds: string[] };

/**
 * Adds users to a group, and gives those who were not in it yet. `conversation_not_found`, `not_allowed` of a direct one,
 * `blocked`, `too_many_participants`, `invalid_field`.
 */
export async function addParticipants(
  ctx: ChatContext,
  { conversationId, userIds }: AddParticipants,
): Promise<{ added: string[] }> {
  const { db, user } = ctx;
  const users = JSON.stringify(checkOthers(ctx, userIds));
  const isNew = sql`NOT EXISTS (
    SELECT 1 FROM chat_participants p WHERE p.conversation_id = c.id AND p.user_id = u.value)`;
  const newOnes = sql`SELECT count(*) FROM json_each(${users}) u WHERE ${isNew}`;
  const isBlocked = sql`EXISTS (SELECT 1 FROM json_each(${users}) u CROSS JOIN chat_blocks b ON b.user_id = u.value
    WHERE b.organization_id = c.organization_id AND b.blocked_id = ${user.id} AND ${isNew})`;
  const entry = {
    conversationId,
    id: crypto.randomUUID(),
    kind: "add",
    data: sql`(SELECT json_object('userIds', json_group_array(u.value)) FROM json_each(${users}) u WHERE ${isNew})`,
  } as const;
  const guard = sql`c.is_group = 1 AND (${newOnes}) > 0 AND NOT ${isBlocked}
    AND (${newOnes}) + (SELECT count(*) FROM chat_participants p WHERE p.conversation_id = c.id) <= ${MAX_PARTICIPANTS}`;
  // They are told of their own coming, and of nothing before it.
  const join = db.insert(chatParticipants).select(sql`
    SELECT e.conversation_id, u.value, ${user.organizationId}, e.seq - 1, e.seq - 1, 0, e.at
    FROM ${chatEntries} e, json_each(e.data, '$.userIds') u
    WHERE e.conversation_id = ${conversationId} AND e.id = ${entry.id}`);
  const made = await addEntry(ctx, entry, guard, join);
  if (made) return { added: (made.data as EntryData["add"]).userIds };
  const { participants } = await explainRefusal(ctx, conversationId, { needsGroup: true });
  const facts = await db.get<{ more: number; blocked: number }>(sql`
    SELECT (${newOnes}) AS more, ${isBlocked} AS blocked FROM chat_conversations c WHERE c.id = ${conversationId}`);
  if (facts?.blocked) throw blockedError();
  if (participants + (facts?.more ?? 0) > MAX_PARTICIPANTS) throw tooMany();
  return { added: [] };
}
