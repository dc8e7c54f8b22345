import { and, eq, sql } from "drizzle-orm";
import {
  kakaoAccounts,
  kakaoCodes,
  kakaoConversations,
  kakaoSessions,
} from "../db/schema/kakao.ts";
import { DEFAULT_RATE_PER_MINUTE, NEVER_MS } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import { hashToken, makeRelayToken, readPairingCode } from "./tokens.ts";
import { tellAccount, tellSession } from "./topics.ts";
import type { Conversation } from "./upsert-conversation.ts";

type Deps = Pick<KakaoDeps, "db" | "settings" | "channels" | "waitUntil">;
/** `refused`: the code is wrong, used or too old, or the user has meanwhile been paired. */
export type Pairing = { kind: "paired"; accountId: string } | { kind: "refused" };

/**
 * Pairs a user with the session of a code: its first user makes the account, further ones join it. One batch, so that
 * a code pairs one user, a user one account, and nothing is half done.
 */
export async function pairConversation(
  deps: Deps,
  conversation: Conversation,
  typed: string,
): Promise<Pairing> {
  const { db, settings } = deps;
  const code = readPairingCode(typed);
  const now = Date.now();
  const accountId = crypto.randomUUID();
  const relayToken = await makeRelayToken(settings.masterKey, accountId, 1);
  const claim = newClaim();
  const isClaimed = sql`${kakaoCodes.code} = ${code} AND ${kakaoCodes.usedAt} = ${claim}`;
  const ofClaim = sql`SELECT ${kakaoCodes.sessionId} FROM ${kakaoCodes} WHERE ${isClaimed}`;

  const claimCode = db
    .update(kakaoCodes)
    .set({ usedAt: claim })
    .where(sql`
    ${kakaoCodes.code} = ${code} AND ${kakaoCodes.usedAt} IS NULL AND ${kakaoCodes.expiresAt} > ${now}
    AND ${kakaoCodes.sourceId} = ${conversation.sourceId}
    AND EXISTS (SELECT 1 FROM kakao_sessions s WHERE s.id = ${kakaoCodes.sessionId} AND (
      s.status = 'pending_pairing' OR s.status = 'paired' AND s.account_id IS NOT NULL))
    AND EXISTS (SELECT 1 FROM kakao_conversations c WHERE c.id = ${conversation.id}
      AND (c.state <> 'paired' OR c.account_id IS NULL))`);
  const makeAccount = db.insert(kakaoAccounts).select(sql`
    SELECT ${accountId}, organization_id, source_id, ${await hashToken(relayToken)}, 1,
      ${DEFAULT_RATE_PER_MINUTE}, ${now}, ${now}
    FROM ${kakaoSessions} WHERE id = (${ofClaim}) AND account_id IS NULL`);
  const pairSession = db
    .update(kakaoSessions)
    .set({
      status: "paired",
      accountId,
      pairedConversationKey: conversation.key,
      pairedAt: now,
      expiresAt: NEVER_MS,
      updatedAt: now,
    })
    .where(sql`${kakaoSessions.id} = (${ofClaim}) AND ${kakaoSessions.accountId} IS NULL`);
  const pairUser = db
    .update(kakaoConversations)
    .set({
      state: "paired",
      accountId: sql`(SELECT ${kakaoSessions.accountId} FROM ${kakaoSessions}
        WHERE ${kakaoSessions.id} = (${ofClaim}))`,
      pairedAt: now,
      wrongCodes: 0,
      wrongCodesSince: null,
    })
    .where(and(eq(kakaoConversations.id, conversation.id), sql`EXISTS (${ofClaim})`))
    .returning({ accountId: kakaoConversations.accountId });
  const useCode = db
    .update(kakaoCodes)
    .set({ usedAt: now })
    .where(isClaimed)
    .returning({ sessionId: kakaoCodes.sessionId });

  const [, , , [user], [used]] = await db.batch([
    claimCode,
    makeAccount,
    pairSession,
    pairUser,
    useCode,
  ]);
  if (!user?.accountId || !used) return { kind: "refused" };
  const hint = {
    kind: "paired" as const,
    accountId: user.accountId,
    conversationKey: conversation.key,
    userId: conversation.userKey,
    pairedAt: now,
  };
  // Of a session's first user its own streams are told, which then move to the account.
  const isFirst = user.accountId === accountId;
  deps.waitUntil(
    isFirst ? tellSession(deps, used.sessionId, hint) : tellAccount(deps, user.accountId, hint),
  );
  return { kind: "paired", accountId: user.accountId };
}

/** What the statements of one batch know each other by, where a time will stand: a negative number of 48 random bits. */
function newClaim(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return -1 - (high % 0x1_0000) * 0x1_0000_0000 - low;
}
