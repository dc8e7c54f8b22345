import { and, eq } from "drizzle-orm";
import { kakaoConversations, kakaoMessages } from "../db/schema/kakao.ts";
import type { KakaoDeps } from "./deps.ts";
import { tellAccount } from "./topics.ts";
import type { Conversation } from "./upsert-conversation.ts";

/**
 * Ends a user's pairing; session and account live on, and are told. What the agent has kept for the user's next message
 * is given up: that one may go to another agent. False when the user was not paired.
 */
export async function unpairConversation(
  deps: Pick<KakaoDeps, "db" | "channels" | "waitUntil">,
  { id, key, userKey, accountId }: Pick<Conversation, "id" | "key" | "userKey" | "accountId">,
): Promise<boolean> {
  const { db } = deps;
  const [[unpaired]] = await db.batch([
    db
      .update(kakaoConversations)
      .set({ state: "unpaired", accountId: null, pairedAt: null })
      .where(and(eq(kakaoConversations.id, id), eq(kakaoConversations.state, "paired")))
      .returning({ id: kakaoConversations.id }),
    db
      .update(kakaoMessages)
      .set({ answerState: "failed" })
      .where(and(eq(kakaoMessages.conversationId, id), eq(kakaoMessages.answerState, "late"))),
  ]);
  if (!unpaired) return false;
  if (accountId !== null) {
    const hint = { kind: "unpaired" as const, conversationKey: key, userId: userKey };
    deps.waitUntil(tellAccount(deps, accountId, hint));
  }
  return true;
}
