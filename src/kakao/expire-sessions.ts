import { sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { kakaoSessions } from "../db/schema/kakao.ts";
import { CODE_EXPIRED, EXPIRED_AT_A_TIME } from "./constants.ts";
import { tellSession } from "./topics.ts";

/** Ends sessions whose first user never came, and tells their streams. Returns how many. */
export async function expireSessions(
  deps: Pick<Deps, "db" | "channels">,
  now: number,
): Promise<number> {
  const waits = sql`status <> 'paired' AND status = 'pending_pairing' AND expires_at <= ${now}`;
  const ended = await deps.db
    .update(kakaoSessions)
    .set({ status: "expired", updatedAt: now })
    // Asked again outside: whoever has just paired, or made a further code, wins.
    .where(sql`${waits} AND id IN (
      SELECT id FROM ${kakaoSessions} WHERE ${waits} LIMIT ${EXPIRED_AT_A_TIME})`)
    .returning({ id: kakaoSessions.id });
  await Promise.all(
    ended.map(({ id }) =>
      tellSession(deps, id, { kind: "code_expired", sessionId: id, reason: CODE_EXPIRED }),
    ),
  );
  return ended.length;
}
