import { and, desc, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoConversations } from "../db/schema/kakao.ts";
import { toRfc3339 } from "../time.ts";
import { MAX_LISTED_CONVERSATIONS } from "./constants.ts";
import { getAccountInOrganization } from "./load-account.ts";
import type { Conversation } from "./schemas.ts";

/** Conversations of an account, those seen last first. */
export async function listConversations(ctx: Context, accountId: string): Promise<Conversation[]> {
  await getAccountInOrganization(ctx, accountId);
  const rows = await ctx.db
    .select()
    .from(kakaoConversations)
    .where(
      and(
        eq(kakaoConversations.accountId, accountId),
        eq(kakaoConversations.organizationId, ctx.organizationId),
      ),
    )
    .orderBy(desc(kakaoConversations.lastSeenAt))
    .limit(MAX_LISTED_CONVERSATIONS);
  return rows.map(({ id, key, state, pairedAt, lastSeenAt }) => ({
    id,
    conversationKey: key,
    state,
    pairedAt: pairedAt === null ? null : toRfc3339(pairedAt),
    lastSeenAt: toRfc3339(lastSeenAt),
  }));
}
