import { eq, sql } from "drizzle-orm";
import { kakaoMessages } from "../db/schema/kakao.ts";
import { SEOUL_OFFSET_MS } from "../sms/index.ts";
import type { KakaoDeps } from "./deps.ts";
import type { AccountStats } from "./texts.ts";

const DAY_MS = 24 * 60 * 60_000;

/**
 * How many messages an account has got and answered, of those that are kept (7 days). A day begins at midnight in
 * Korea; what was answered counts by its message's day.
 */
export async function readAccountStats(
  { db }: Pick<KakaoDeps, "db">,
  accountId: string,
  now: number = Date.now(),
): Promise<AccountStats> {
  const { createdAt, answerState } = kakaoMessages;
  const today = now - ((now + SEOUL_OFFSET_MS) % DAY_MS);
  const count = (condition: ReturnType<typeof sql>) =>
    sql<number>`count(*) FILTER (WHERE ${condition})`;
  const isToday = sql`${createdAt} >= ${today}`;
  const isSent = sql`${answerState} IN ('sent', 'given')`;
  const row = await db
    .select({
      inboundToday: count(isToday),
      inboundTotal: sql<number>`count(*)`,
      outboundToday: count(sql`${isToday} AND ${isSent}`),
      outboundTotal: count(isSent),
      outboundFailed: count(sql`${answerState} = 'failed'`),
    })
    .from(kakaoMessages)
    .where(eq(kakaoMessages.accountId, accountId))
    .get();
  if (!row) throw new Error("a count without a row");
  return row;
}
