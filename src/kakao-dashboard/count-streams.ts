import { and, desc, eq, gt } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoAccounts, kakaoSessions } from "../db/schema/kakao.ts";
import { accountTopic, sessionTopic } from "../kakao/index.ts";
import { log } from "../log.ts";
import { MAX_COUNT_MS, MAX_COUNTED_CHANNELS } from "./constants.ts";

/** Open streams of an account. */
export function countAccountStreams(ctx: Context, accountId: string): Promise<number> {
  return countSockets(ctx, accountTopic(accountId));
}

/** Open streams of the organization's newest accounts and of its newest sessions that wait for a user. */
export async function countStreams(ctx: Context): Promise<number> {
  const [accounts, sessions] = await ctx.db.batch([
    ctx.db
      .select({ id: kakaoAccounts.id })
      .from(kakaoAccounts)
      .where(eq(kakaoAccounts.organizationId, ctx.organizationId))
      .orderBy(desc(kakaoAccounts.createdAt))
      .limit(MAX_COUNTED_CHANNELS / 2),
    ctx.db
      .select({ id: kakaoSessions.id })
      .from(kakaoSessions)
      .where(
        and(
          eq(kakaoSessions.organizationId, ctx.organizationId),
          eq(kakaoSessions.status, "pending_pairing"),
          gt(kakaoSessions.expiresAt, Date.now()),
        ),
      )
      .orderBy(desc(kakaoSessions.createdAt))
      .limit(MAX_COUNTED_CHANNELS / 2),
  ]);
  const topics = [
    ...accounts.map(({ id }) => accountTopic(id)),
    ...sessions.map(({ id }) => sessionTopic(id)),
  ];
  const counts = await Promise.all(topics.map((topic) => countSockets(ctx, topic)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A channel that does not answer has no streams that anybody could use. */
async function countSockets({ channels }: Context, topic: string): Promise<number> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("no answer in time")), MAX_COUNT_MS);
  try {
    const { sockets } = await Promise.race([channels.getByName(topic).describe(), late.promise]);
    return sockets;
  } catch (error) {
    log.warn("kakao_streams_not_counted", { topic, error });
    return 0;
  } finally {
    clearTimeout(timer);
  }
}
