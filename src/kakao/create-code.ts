import { and, eq, sql } from "drizzle-orm";
import { kakaoCodes, kakaoSessions } from "../db/schema/kakao.ts";
import { MAX_OPEN_CODES, PAIRING_TTL_MS } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import type { NewCode } from "./schemas.ts";
import { withNewCode } from "./with-new-code.ts";

/** `gone`: the session has ended. `too_many`: it has as many open codes as one may have. */
export type CreatedCode =
  | { kind: "created"; code: NewCode }
  | { kind: "gone" }
  | { kind: "too_many" };

/**
 * Makes a further pairing code of a session: its user joins the session's account, or becomes its first one. A session
 * that waits for its first user waits as long as its newest code is good.
 */
export async function createCode(
  { db }: Pick<KakaoDeps, "db">,
  sessionId: string,
): Promise<CreatedCode> {
  const now = Date.now();
  const expiresAt = now + PAIRING_TTL_MS;
  const isOpen = sql`(
    ${kakaoSessions.status} = 'pending_pairing' AND ${kakaoSessions.expiresAt} > ${now}
    OR ${kakaoSessions.status} = 'paired' AND ${kakaoSessions.accountId} IS NOT NULL)`;
  const isSession = and(eq(kakaoSessions.id, sessionId), isOpen);
  const created = await withNewCode(async (code) => {
    // One statement, so that two calls at the same time do not make one code too many.
    const insert = db.insert(kakaoCodes).select(sql`
      SELECT ${code}, id, source_id, ${expiresAt}, NULL, ${now} FROM ${kakaoSessions}
      WHERE ${isSession} AND ${MAX_OPEN_CODES} > (
        SELECT count(*) FROM ${kakaoCodes}
        WHERE session_id = ${sessionId} AND used_at IS NULL AND expires_at > ${now})`);
    const own = and(eq(kakaoCodes.code, code), eq(kakaoCodes.sessionId, sessionId));
    const prolong = db
      .update(kakaoSessions)
      .set({ expiresAt, updatedAt: now })
      .where(sql`${isSession} AND status = 'pending_pairing' AND EXISTS (
        SELECT 1 FROM ${kakaoCodes} WHERE ${own})`);
    const found = db.select({ code: kakaoCodes.code }).from(kakaoCodes).where(own);
    const session = db
      .select({ status: kakaoSessions.status })
      .from(kakaoSessions)
      .where(isSession);
    const [, , [made], [open]] = await db.batch([insert, prolong, found, session]);
    return { made, open };
  });
  if (!created.open) return { kind: "gone" };
  if (!created.made) return { kind: "too_many" };
  const status = created.open.status === "paired" ? "paired" : "pending_pairing";
  const code = {
    pairingCode: created.made.code,
    expiresIn: PAIRING_TTL_MS / 1000,
    status,
  } as const;
  return { kind: "created", code };
}
