import { and, count, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoConversations } from "../db/schema/kakao.ts";
import { countMessages } from "./count-messages.ts";
import { countAccountStreams } from "./count-streams.ts";
import { getAccountInOrganization } from "./load-account.ts";
import type { AccountStats } from "./schemas.ts";

/** An account's messages, conversations and open streams, counted. */
export async function readStats(ctx: Context, accountId: string): Promise<AccountStats> {
  await getAccountInOrganization(ctx, accountId);
  const [countsOf, conversations, sseClients] = await Promise.all([
    countMessages(ctx, [accountId]),
    ctx.db
      .select({ count: count() })
      .from(kakaoConversations)
      .where(
        and(
          eq(kakaoConversations.accountId, accountId),
          eq(kakaoConversations.organizationId, ctx.organizationId),
        ),
      )
      .get(),
    countAccountStreams(ctx, accountId),
  ]);
  return { ...countsOf(accountId), conversations: conversations?.count ?? 0, sseClients };
}
