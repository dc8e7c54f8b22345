import { and, desc, eq, gte, inArray, isNotNull, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoMessages, kakaoReplies } from "../db/schema/kakao.ts";
import { toRfc3339 } from "../time.ts";
import { getAccountInOrganization } from "./load-account.ts";
import { maskCallback } from "./mask-callback.ts";
import type { InboundMessage, MessagesQuery } from "./schemas.ts";

type Row = typeof kakaoMessages.$inferSelect;

/** What the users of an account wrote, newest first, each with its answer. */
export async function listInbound(
  ctx: Context,
  accountId: string,
  { limit, offset }: Pick<MessagesQuery, "limit" | "offset">,
): Promise<InboundMessage[]> {
  await getAccountInOrganization(ctx, accountId);
  const rows = await ctx.db
    .select()
    .from(kakaoMessages)
    .where(eq(kakaoMessages.accountId, accountId))
    .orderBy(desc(kakaoMessages.createdAt), desc(kakaoMessages.id))
    .limit(limit)
    .offset(offset);
  const errors = await loadErrors(ctx, accountId, rows);
  return rows.map((row) => toInbound(row, errors.get(row.id)));
}

/**
 * Why answers failed, by message: also of one that may be answered again, as nothing of it has reached Kakao. An answer
 * is never older than its message, which bounds what is read.
 */
async function loadErrors(
  ctx: Context,
  accountId: string,
  rows: Row[],
): Promise<Map<string, string>> {
  const failed = rows.filter(({ answerState }) => answerState === "failed" || answerState === null);
  const oldest = failed.at(-1);
  if (!oldest) return new Map();
  const ids = JSON.stringify(failed.map(({ id }) => id));
  const found = await ctx.db
    .select({ messageId: kakaoReplies.messageId, error: kakaoReplies.errorMessage })
    .from(kakaoReplies)
    .where(
      and(
        eq(kakaoReplies.accountId, accountId),
        gte(kakaoReplies.createdAt, oldest.createdAt),
        isNotNull(kakaoReplies.errorMessage),
        inArray(kakaoReplies.messageId, sql`(SELECT value FROM json_each(${ids}))`),
      ),
    )
    .orderBy(kakaoReplies.createdAt);
  return new Map(found.map(({ messageId, error }) => [messageId, error ?? ""]));
}

function toInbound(row: Row, answerError: string | undefined): InboundMessage {
  const { id, accountId, conversationKey, userId, text, channelId, status } = row;
  return {
    id,
    accountId,
    conversationKey,
    kakaoPayload: maskCallback(JSON.parse(row.payload)),
    normalizedMessage: { userId, text, channelId },
    status,
    ...(row.eventId !== null && { sourceEventId: row.eventId }),
    createdAt: toRfc3339(row.createdAt),
    ...(row.deliveredAt !== null && { deliveredAt: toRfc3339(row.deliveredAt) }),
    hasCallback: row.callbackUrl !== null,
    ...(row.callbackUntil !== null && { callbackUntil: toRfc3339(row.callbackUntil) }),
    answer: row.answer === null ? null : JSON.parse(row.answer),
    answerState: row.answerState,
    ...(answerError !== undefined && { answerError }),
  };
}
