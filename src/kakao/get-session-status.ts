import { and, eq, lte } from "drizzle-orm";
import { kakaoAccounts, kakaoConversations, kakaoSessions } from "../db/schema/kakao.ts";
import { toRfc3339 } from "../time.ts";
import { CODE_EXPIRED } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import type { SessionStatus } from "./schemas.ts";
import { findRelayToken, hashToken } from "./tokens.ts";
import { tellSession } from "./topics.ts";

type Deps = Pick<KakaoDeps, "db" | "settings" | "channels" | "waitUntil">;

/** A session as its owner sees it. `expired` is said once; then, as for an unknown token, it is null. */
export async function getSessionStatus(deps: Deps, token: string): Promise<SessionStatus | null> {
  const now = Date.now();
  const found = await loadSession(deps, token);
  if (!found) return null;
  const { session, account, userKey } = found;
  if (session.status === "pending_pairing") {
    if (session.expiresAt > now) return { status: "pending_pairing" };
    return (await expireSession(deps, session.id, now)) ? { status: "expired" } : null;
  }
  if (session.status !== "paired") return null;
  const relayToken = account && (await findRelayToken(deps.settings.masterKey, account));
  return {
    status: "paired",
    ...(session.pairedAt !== null && { pairedAt: toRfc3339(session.pairedAt) }),
    ...(userKey !== null && { kakaoUserId: userKey }),
    ...(account && { accountId: account.id }),
    ...(relayToken && { relayToken }),
  };
}

/** The session's id for a call that acts on it; null when there is none. */
export async function findSessionId(
  { db }: Pick<KakaoDeps, "db">,
  token: string,
): Promise<string | null> {
  const row = await db
    .select({ id: kakaoSessions.id })
    .from(kakaoSessions)
    .where(eq(kakaoSessions.tokenHash, await hashToken(token)))
    .get();
  return row?.id ?? null;
}

async function loadSession({ db }: Deps, token: string) {
  const ofSession = and(
    eq(kakaoConversations.sourceId, kakaoSessions.sourceId),
    eq(kakaoConversations.key, kakaoSessions.pairedConversationKey),
  );
  return db
    .select({ session: kakaoSessions, account: kakaoAccounts, userKey: kakaoConversations.userKey })
    .from(kakaoSessions)
    .leftJoin(kakaoAccounts, eq(kakaoAccounts.id, kakaoSessions.accountId))
    .leftJoin(kakaoConversations, ofSession)
    .where(eq(kakaoSessions.tokenHash, await hashToken(token)))
    .get();
}

/** True for the one call that ends it. Whoever has just paired, or made a further code, wins. */
async function expireSession(deps: Deps, id: string, now: number): Promise<boolean> {
  const [ended] = await deps.db
    .update(kakaoSessions)
    .set({ status: "expired", updatedAt: now })
    .where(
      and(
        eq(kakaoSessions.id, id),
        eq(kakaoSessions.status, "pending_pairing"),
        lte(kakaoSessions.expiresAt, now),
      ),
    )
    .returning({ id: kakaoSessions.id });
  if (!ended) return false;
  deps.waitUntil(
    tellSession(deps, id, { kind: "code_expired", sessionId: id, reason: CODE_EXPIRED }),
  );
  return true;
}
