import { and, eq, gt, sql } from "drizzle-orm";
import type { ControlDb } from "../db/client.ts";
import { chatConversations, chatEntries, chatParticipants } from "../db/schema/chat.ts";
import { PUSH_WINDOW } from "./constants.ts";
import { type Entry, type EntryData, selectEntries } from "./entries.ts";

/** What of a conversation its participants may not have been told, all of one moment. */
export type PushState = {
  organizationId: string;
  conversationId: string;
  isGroup: boolean;
  title: string;
  lastSeq: number;
  /** Everybody was told up to here. */
  pushedSeq: number;
  /** The last entries, unless everybody was told of them. */
  entries: Entry[];
  recipients: Recipient[];
};

/** A user, and from where (exclusive) to where they are told: several times for one who left and came again. */
export type Recipient = { userId: string; spans: { base: number; to: number }[] };

/**
 * Reads a `PushState`, as a part of one batch. One who was removed is no participant any more, but must be told so, and
 * what came before.
 */
export function pushStateQueries(db: ControlDb, conversationId: string) {
  const ofConversation = eq(chatEntries.conversationId, conversationId);
  const column = (expression: string) =>
    sql`(SELECT ${sql.raw(expression)} FROM chat_conversations c WHERE c.id = ${conversationId})`;
  return [
    db
      .select({
        organizationId: chatConversations.organizationId,
        isGroup: chatConversations.isGroup,
        title: chatConversations.title,
        lastSeq: chatConversations.lastSeq,
        pushedSeq: chatConversations.pushedSeq,
      })
      .from(chatConversations)
      .where(eq(chatConversations.id, conversationId)),
    db
      .select({ userId: chatParticipants.userId, base: chatParticipants.joinedSeq })
      .from(chatParticipants)
      .where(eq(chatParticipants.conversationId, conversationId)),
    selectEntries(db)
      .where(
        and(
          ofConversation,
          gt(chatEntries.seq, column(`max(c.pushed_seq, c.last_seq - ${PUSH_WINDOW})`)),
        ),
      )
      .orderBy(chatEntries.seq),
    db
      .select({ seq: chatEntries.seq, data: chatEntries.data })
      .from(chatEntries)
      .where(
        and(
          ofConversation,
          gt(chatEntries.seq, column("c.pushed_seq")),
          eq(chatEntries.kind, "remove"),
        ),
      )
      .orderBy(chatEntries.seq),
  ] as const;
}

type Row = Pick<PushState, "organizationId" | "isGroup" | "title" | "lastSeq" | "pushedSeq">;
/** What these queries give. */
export type PushRows = readonly [
  Row[],
  { userId: string; base: number }[],
  Entry[],
  { seq: number; data: unknown }[],
];

/** Null: there is no such conversation. */
export function toPushState(
  conversationId: string,
  [[conversation], participants, entries, removals]: PushRows,
): PushState | null {
  if (!conversation) return null;
  const spans = new Map<string, Recipient["spans"]>();
  const add = (userId: string, base: number, to: number) => {
    const before = spans.get(userId);
    if (before) before.push({ base, to });
    else spans.set(userId, [{ base, to }]);
  };
  for (const { seq, data } of removals) {
    for (const [userId, base] of Object.entries((data as EntryData["remove"]).joined)) {
      add(userId, base, seq);
    }
  }
  for (const { userId, base } of participants) add(userId, base, conversation.lastSeq);
  const recipients = [...spans].map(([userId, ofUser]) => ({ userId, spans: ofUser }));
  return { conversationId, ...conversation, entries, recipients };
}

export async function loadPushState(
  db: ControlDb,
  conversationId: string,
): Promise<PushState | null> {
  return toPushState(conversationId, await db.batch(pushStateQueries(db, conversationId)));
}
