import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoConversations } from "../db/schema/kakao.ts";
import { notFound } from "../errors.ts";
import { tellAccount } from "../kakao/index.ts";
import { getAccountInOrganization } from "./load-account.ts";

/** Deletes a user's conversation with an account: who writes again has to pair again. What was written stays. */
export async function deleteConversation(
  ctx: Context,
  accountId: string,
  conversationId: string,
): Promise<void> {
  await getAccountInOrganization(ctx, accountId);
  const [deleted] = await ctx.db
    .delete(kakaoConversations)
    .where(
      and(
        eq(kakaoConversations.id, conversationId),
        eq(kakaoConversations.accountId, accountId),
        eq(kakaoConversations.organizationId, ctx.organizationId),
      ),
    )
    .returning({ conversationKey: kakaoConversations.key, userId: kakaoConversations.userKey });
  if (!deleted) throw notFound("KakaoTalk conversation", conversationId);
  await tellAccount(ctx, accountId, { kind: "unpaired", ...deleted });
}
