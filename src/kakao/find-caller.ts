import { and, eq, inArray } from "drizzle-orm";
import { kakaoAccounts, kakaoConversations, kakaoSessions } from "../db/schema/kakao.ts";
import { DEFAULT_RATE_PER_MINUTE } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";

/** Whose token it is: a session's, or an account's own. */
export type Caller = {
  tokenHash: string;
  kind: "session" | "account";
  /** Of a relay token: the session that the account began as, "" when that is gone. */
  sessionId: string;
  status: "pending_pairing" | "paired";
  /** Null: nobody has paired, or the account is deleted. */
  account: { id: string; ratePerMinute: number } | null;
  /** The first user, once there is one. */
  pairing: { conversationKey: string; userKey: string; at: number } | null;
  /** When the session's code has run out, ms UTC. */
  expiresAt: number;
};

/** `gone`: the token is nobody's, or of a session that has ended. */
export type Found = { caller: Caller } | { gone: "unknown" | "expired" | "disconnected" };

/** Finds who shows a token, by its hash. */
export async function findCaller(ctx: Pick<KakaoDeps, "db">, tokenHash: string): Promise<Found> {
  return (await findSession(ctx, tokenHash)) ?? (await findAccount(ctx, tokenHash));
}

async function findSession(
  { db }: Pick<KakaoDeps, "db">,
  tokenHash: string,
): Promise<Found | null> {
  const [row] = await db
    .select({
      session: kakaoSessions,
      accountId: kakaoAccounts.id,
      rate: kakaoAccounts.rateLimitPerMinute,
      userKey: kakaoConversations.userKey,
    })
    .from(kakaoSessions)
    .leftJoin(kakaoAccounts, eq(kakaoAccounts.id, kakaoSessions.accountId))
    .leftJoin(
      kakaoConversations,
      and(
        eq(kakaoConversations.sourceId, kakaoSessions.sourceId),
        eq(kakaoConversations.key, kakaoSessions.pairedConversationKey),
      ),
    )
    .where(eq(kakaoSessions.tokenHash, tokenHash));
  if (!row) return null;
  const { session, accountId, rate, userKey } = row;
  const { status } = session;
  if (status === "expired" || status === "disconnected") return { gone: status };
  const { pairedConversationKey: conversationKey, pairedAt } = session;
  return {
    caller: {
      tokenHash,
      kind: "session",
      sessionId: session.id,
      status,
      account: accountId === null ? null : { id: accountId, ratePerMinute: rateOf(rate) },
      pairing:
        conversationKey === null || pairedAt === null
          ? null
          : { conversationKey, userKey: userKey ?? "", at: pairedAt },
      expiresAt: session.expiresAt,
    },
  };
}

async function findAccount({ db }: Pick<KakaoDeps, "db">, tokenHash: string): Promise<Found> {
  const [row] = await db
    .select({
      id: kakaoAccounts.id,
      rate: kakaoAccounts.rateLimitPerMinute,
      sessionId: kakaoSessions.id,
    })
    .from(kakaoAccounts)
    .leftJoin(
      kakaoSessions,
      and(eq(kakaoSessions.accountId, kakaoAccounts.id), inArray(kakaoSessions.status, ["paired"])),
    )
    .where(eq(kakaoAccounts.relayTokenHash, tokenHash))
    .orderBy(kakaoSessions.pairedAt)
    .limit(1);
  if (!row) return { gone: "unknown" };
  return {
    caller: {
      tokenHash,
      kind: "account",
      sessionId: row.sessionId ?? "",
      status: "paired",
      account: { id: row.id, ratePerMinute: rateOf(row.rate) },
      pairing: null,
      expiresAt: Number.POSITIVE_INFINITY,
    },
  };
}

function rateOf(rate: number | null): number {
  return rate !== null && rate > 0 ? rate : DEFAULT_RATE_PER_MINUTE;
}
