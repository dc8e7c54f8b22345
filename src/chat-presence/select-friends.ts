import { and, desc, eq, gt, max, ne, sql } from "drizzle-orm";
import type { ChatContext } from "../chat/index.ts";
import {
  type ChatPage,
  chatBlocks,
  chatConversations,
  chatParticipants,
  chatUsers,
} from "../db/schema/chat.ts";
import { FRIENDS_IN_CONVERSATIONS, MAX_FRIENDS, SEEN_WITHIN_MS } from "./constants.ts";

/** Of one who has never signed in there is no more than the id. */
export type Friend = {
  userId: string;
  name: string;
  lastSeenAt: number;
  page: ChatPage | null;
  latestPage: ChatPage | null;
};

type Wanted = { only?: string; isRecent?: boolean };

/**
 * Whom a user shares a conversation with, when neither has blocked the other; newest conversations first. `isRecent`:
 * only those who may be here now.
 */
export async function selectFriends(
  { db, user }: Pick<ChatContext, "db" | "user">,
  { only, isRecent = false }: Wanted = {},
): Promise<Friend[]> {
  const { organizationId, id } = user;
  const own = db
    .select({ id: chatConversations.id, lastAt: chatConversations.lastAt })
    .from(chatParticipants)
    .innerJoin(chatConversations, eq(chatConversations.id, chatParticipants.conversationId))
    .where(
      and(eq(chatParticipants.organizationId, organizationId), eq(chatParticipants.userId, id)),
    )
    .orderBy(desc(chatConversations.lastAt))
    .limit(FRIENDS_IN_CONVERSATIONS)
    .as("own");
  const blocked = sql`EXISTS (SELECT 1 FROM ${chatBlocks} WHERE ${chatBlocks.organizationId} = ${organizationId}
    AND ((${chatBlocks.userId} = ${id} AND ${chatBlocks.blockedId} = ${chatParticipants.userId})
      OR (${chatBlocks.blockedId} = ${id} AND ${chatBlocks.userId} = ${chatParticipants.userId})))`;
  const rows = await db
    .select({
      userId: chatParticipants.userId,
      name: chatUsers.name,
      lastSeenAt: chatUsers.lastSeenAt,
      page: chatUsers.page,
      latestPage: chatUsers.latestPage,
    })
    .from(own)
    .innerJoin(chatParticipants, eq(chatParticipants.conversationId, own.id))
    .leftJoin(
      chatUsers,
      and(
        eq(chatUsers.organizationId, organizationId),
        eq(chatUsers.userId, chatParticipants.userId),
      ),
    )
    .where(
      and(
        ne(chatParticipants.userId, id),
        only === undefined ? undefined : eq(chatParticipants.userId, only),
        isRecent ? gt(chatUsers.lastSeenAt, Date.now() - SEEN_WITHIN_MS) : undefined,
        sql`NOT ${blocked}`,
      ),
    )
    .groupBy(chatParticipants.userId)
    .orderBy(desc(max(own.lastAt)), chatParticipants.userId)
    .limit(MAX_FRIENDS);
  return rows.map((row) => ({
    ...row,
    name: row.name ?? "",
    lastSeenAt: row.lastSeenAt ?? 0,
  }));
}

/** The ids of friends who may be here now. */
export async function selectRecentFriends(
  ctx: Pick<ChatContext, "db" | "user">,
): Promise<string[]> {
  return (await selectFriends(ctx, { isRecent: true })).map(({ userId }) => userId);
}
