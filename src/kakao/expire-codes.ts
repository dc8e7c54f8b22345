import { and, eq, inArray, isNull, lte, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { kakaoCodes, kakaoSessions } from "../db/schema/kakao.ts";
import { CODE_EXPIRED, EXPIRED_AT_A_TIME } from "./constants.ts";
import { tellAccount } from "./topics.ts";

/**
 * Deletes codes that are over, used or not. Streams of an account are told of a further code that nobody used; of a
 * session's first one its end tells. Returns how many.
 */
export async function expireCodes(
  deps: Pick<Deps, "db" | "channels">,
  now: number,
): Promise<number> {
  const { db } = deps;
  const some = await db
    .select({ code: kakaoCodes.code })
    .from(kakaoCodes)
    .where(lte(kakaoCodes.expiresAt, now))
    .orderBy(kakaoCodes.expiresAt)
    .limit(EXPIRED_AT_A_TIME);
  if (some.length === 0) return 0;
  const codes = JSON.stringify(some.map(({ code }) => code));
  const areThese = inArray(kakaoCodes.code, sql`(SELECT value FROM json_each(${codes}))`);
  const [unused] = await db.batch([
    db
      .select({ sessionId: kakaoSessions.id, accountId: kakaoSessions.accountId })
      .from(kakaoCodes)
      .innerJoin(kakaoSessions, eq(kakaoSessions.id, kakaoCodes.sessionId))
      .where(and(areThese, isNull(kakaoCodes.usedAt), eq(kakaoSessions.status, "paired"))),
    db.delete(kakaoCodes).where(areThese),
  ]);
  await Promise.all(
    unused.flatMap(({ sessionId, accountId }) => {
      const hint = { kind: "code_expired", sessionId, reason: CODE_EXPIRED } as const;
      return accountId === null ? [] : [tellAccount(deps, accountId, hint)];
    }),
  );
  return some.length;
}
