import { eq, sql } from "drizzle-orm";
import { kakaoMessages, kakaoReplies } from "../db/schema/kakao.ts";
import { SEOUL_OFFSET_MS } from "../sms/index.ts";
import type { KakaoDeps } from "./deps.ts";
import type { AccountStats } from "./texts.ts";

const DAY_MS = 24 * 60 * 60_000;

/**
 * How many messages an account has got and answered, of those that are kept (7 days). A day begins at midnight in Korea.
 */
export async function readAccountStats(
  { db }: Pick<KakaoDeps, "db">,
  accountId: string,
  now: number = Date.now(),
): Promise<AccountStats> {
  const today = now - ((now + SEOUL_OFFSET_MS) % DAY_MS);
  const countOf = (condition: ReturnType<typeof sql>) =>
    sql<number>`count(*) FILTER (WHERE ${condition})`;
  const isSent = sql`${kakaoReplies.status} = 'sent'`;
  const [[inbound], [outbound]] = await db.batch([
    db
      .select({
        inboundToday: countOf(sql`${kakaoMessages.createdAt} >= ${today}`),
        inboundTotal: sql<number>`count(*)`,
      })
      .from(kakaoMessages)
      .where(eq(kakaoMessages.accountId, accountId)),
    db
      .select({
        outboundToday: countOf(sql`${isSent} AND ${kakaoReplies.createdAt} >= ${today}`),
        outboundTotal: countOf(isSent),
        outboundFailed: countOf(sql`${kakaoReplies.status} = 'failed'`),
      })
      .from(kakaoReplies)
      .where(eq(kakaoReplies.accountId, accountId)),
  ]);
  if (!inbound || !outbound) throw new Error("a count without a row");
  return { ...inbound, ...outbound };
}
