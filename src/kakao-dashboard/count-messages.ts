import { count, inArray, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoMessages, kakaoReplies } from "../db/schema/kakao.ts";
import type { AccountStats } from "./schemas.ts";
import { startOfToday } from "./start-of-today.ts";

export type MessageCounts = Pick<
  AccountStats,
  "inboundToday" | "inboundTotal" | "outboundToday" | "outboundTotal" | "outboundFailed"
>;

const NONE: MessageCounts = {
  inboundToday: 0,
  inboundTotal: 0,
  outboundToday: 0,
  outboundTotal: 0,
  outboundFailed: 0,
};

/** Counts the stored messages of accounts, by account. */
export async function countMessages(
  ctx: Context,
  accountIds: string[],
): Promise<(accountId: string) => MessageCounts> {
  const today = startOfToday(Date.now());
  const wanted = sql`(SELECT value FROM json_each(${JSON.stringify(accountIds)}))`;
  const [inbound, outbound] = await ctx.db.batch([
    ctx.db
      .select({
        accountId: kakaoMessages.accountId,
        inboundToday: sql<number>`sum(${kakaoMessages.createdAt} >= ${today})`,
        inboundTotal: count(),
      })
      .from(kakaoMessages)
      .where(inArray(kakaoMessages.accountId, wanted))
      .groupBy(kakaoMessages.accountId),
    ctx.db
      .select({
        accountId: kakaoReplies.accountId,
        outboundToday: sql<number>`sum(${kakaoReplies.createdAt} >= ${today})`,
        outboundTotal: count(),
        outboundFailed: sql<number>`sum(${kakaoReplies.status} = 'failed')`,
      })
      .from(kakaoReplies)
      .where(inArray(kakaoReplies.accountId, wanted))
      .groupBy(kakaoReplies.accountId),
  ]);
  const byAccount = new Map<string, MessageCounts>();
  for (const { accountId, ...counts } of [...inbound, ...outbound]) {
    byAccount.set(accountId, { ...(byAccount.get(accountId) ?? NONE), ...counts });
  }
  return (accountId) => byAccount.get(accountId) ?? NONE;
}
