import { sql } from "drizzle-orm";
import { kakaoConversations } from "../db/schema/kakao.ts";
import type { KakaoDeps } from "./deps.ts";
import type { SkillRequest } from "./read-skill-request.ts";

export type Conversation = typeof kakaoConversations.$inferSelect;
/** One whose user has an agent. */
export type PairedConversation = Conversation & { accountId: string };

/** The conversation of a webhook call, made when it is the first of its user. Every call says that the user is there. */
export async function upsertConversation(
  { db }: Pick<KakaoDeps, "db">,
  source: { id: string; organizationId: string },
  { conversationKey, userKey }: SkillRequest,
): Promise<Conversation> {
  const now = Date.now();
  const [row] = await db
    .insert(kakaoConversations)
    .values({
      id: crypto.randomUUID(),
      organizationId: source.organizationId,
      sourceId: source.id,
      key: conversationKey,
      userKey,
      state: "unpaired",
      lastSeenAt: now,
      createdAt: now,
    })
    .onConflictDoUpdate({
      target: [kakaoConversations.sourceId, kakaoConversations.key],
      set: { lastSeenAt: sql`max(${kakaoConversations.lastSeenAt}, excluded.last_seen_at)` },
    })
    .returning();
  if (!row) throw new Error("a conversation was neither made nor found");
  return row;
}

/** Whether a conversation's user has an agent; one whose account was deleted has none. */
export function isPaired(conversation: Conversation): conversation is PairedConversation {
  return conversation.state === "paired" && conversation.accountId !== null;
}
