import { and, desc, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoReplies } from "../db/schema/kakao.ts";
import { toRfc3339 } from "../time.ts";
import { MAX_FAILED_MESSAGES } from "./constants.ts";
import { getAccountInOrganization } from "./load-account.ts";
import type { MessagesQuery, OutboundMessage } from "./schemas.ts";

type Wish = Pick<MessagesQuery, "limit" | "offset"> & { status?: "failed" };

/** An account's calls of callback URLs, newest first. */
export async function listOutbound(
  ctx: Context,
  accountId: string,
  { limit, offset, status }: Wish,
): Promise<OutboundMessage[]> {
  await getAccountInOrganization(ctx, accountId);
  const rows = await ctx.db
    .select()
    .from(kakaoReplies)
    .where(
      and(
        eq(kakaoReplies.accountId, accountId),
        status === undefined ? undefined : eq(kakaoReplies.status, status),
      ),
    )
    .orderBy(desc(kakaoReplies.createdAt), desc(kakaoReplies.id))
    .limit(limit)
    .offset(offset);
  return rows.map(toOutbound);
}

export function listFailed(ctx: Context, accountId: string): Promise<OutboundMessage[]> {
  return listOutbound(ctx, accountId, { status: "failed", limit: MAX_FAILED_MESSAGES, offset: 0 });
}

function toOutbound(row: typeof kakaoReplies.$inferSelect): OutboundMessage {
  const { id, accountId, conversationKey, status, errorMessage, sentAt } = row;
  return {
    id,
    accountId,
    inboundMessageId: row.messageId,
    conversationKey,
    kakaoTarget: {},
    responsePayload: JSON.parse(row.response),
    status,
    ...(errorMessage !== null && { errorMessage }),
    createdAt: toRfc3339(row.createdAt),
    ...(sentAt !== null && { sentAt: toRfc3339(sentAt) }),
  };
}
