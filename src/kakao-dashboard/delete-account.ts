import { and, eq, inArray } from "drizzle-orm";
import type { Context } from "../context.ts";
import {
  kakaoAccounts,
  kakaoCodes,
  kakaoConversations,
  kakaoSessions,
} from "../db/schema/kakao.ts";
import { tellAccount, tellSession } from "../kakao/index.ts";
import { getAccountInOrganization } from "./load-account.ts";

/**
 * Deletes an account with its messages. Its sessions end, so that no agent waits for messages that cannot come, and its
 * users may pair again.
 */
export async function deleteAccount(ctx: Context, id: string): Promise<void> {
  await getAccountInOrganization(ctx, id);
  const { db, organizationId } = ctx;
  const now = Date.now();
  const sessionIds = db
    .select({ id: kakaoSessions.id })
    .from(kakaoSessions)
    .where(eq(kakaoSessions.accountId, id));
  const [, sessions] = await db.batch([
    db.delete(kakaoCodes).where(inArray(kakaoCodes.sessionId, sessionIds)),
    db
      .update(kakaoSessions)
      .set({ status: "disconnected", updatedAt: now })
      .where(eq(kakaoSessions.accountId, id))
      .returning({ id: kakaoSessions.id }),
    db
      .update(kakaoConversations)
      .set({ state: "unpaired", accountId: null, pairedAt: null })
      .where(eq(kakaoConversations.accountId, id)),
    db
      .delete(kakaoAccounts)
      .where(and(eq(kakaoAccounts.id, id), eq(kakaoAccounts.organizationId, organizationId))),
  ]);
  await Promise.all([
    tellAccount(ctx, id, { kind: "deleted" }),
    ...sessions.map(({ id: sessionId }) =>
      tellSession(ctx, sessionId, { kind: "disconnected", sessionId }),
    ),
  ]);
}
