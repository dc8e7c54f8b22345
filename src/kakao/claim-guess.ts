import { and, eq, sql } from "drizzle-orm";
import { kakaoConversations } from "../db/schema/kakao.ts";
import { MAX_WRONG_CODES, WRONG_CODE_WINDOW_MS } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";

/**
 * Counts a user's try of a code before the code is looked at, so that tries at the same time count too; one that fits
 * clears the count. Returns null when it may be tried, else in how many ms the next may.
 */
export async function claimGuess(
  { db }: Pick<KakaoDeps, "db">,
  conversationId: string,
): Promise<number | null> {
  const now = Date.now();
  const { wrongCodes, wrongCodesSince } = kakaoConversations;
  const isOver = sql`(${wrongCodesSince} IS NULL OR ${wrongCodesSince} <= ${now - WRONG_CODE_WINDOW_MS})`;
  const ofUser = eq(kakaoConversations.id, conversationId);
  const [[claimed], [row]] = await db.batch([
    db
      .update(kakaoConversations)
      .set({
        wrongCodes: sql`CASE WHEN ${isOver} THEN 1 ELSE ${wrongCodes} + 1 END`,
        wrongCodesSince: sql`CASE WHEN ${isOver} THEN ${now} ELSE ${wrongCodesSince} END`,
      })
      .where(and(ofUser, sql`(${isOver} OR ${wrongCodes} < ${MAX_WRONG_CODES})`))
      .returning({ id: kakaoConversations.id }),
    db.select({ since: wrongCodesSince }).from(kakaoConversations).where(ofUser),
  ]);
  if (claimed) return null;
  return Math.max(0, (row?.since ?? now) + WRONG_CODE_WINDOW_MS - now);
}
