import { desc, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoAccounts } from "../db/schema/kakao.ts";
import { toRfc3339 } from "../time.ts";
import { MAX_LISTED_ACCOUNTS } from "./constants.ts";
import { countMessages } from "./count-messages.ts";
import type { Account } from "./schemas.ts";

/** The organization's accounts, newest first. */
export async function listAccounts(ctx: Context): Promise<Account[]> {
  const rows = await ctx.db
    .select()
    .from(kakaoAccounts)
    .where(eq(kakaoAccounts.organizationId, ctx.organizationId))
    .orderBy(desc(kakaoAccounts.createdAt), desc(kakaoAccounts.id))
    .limit(MAX_LISTED_ACCOUNTS);
  const countsOf = await countMessages(
    ctx,
    rows.map(({ id }) => id),
  );
  return rows.map(({ id, sourceId, rateLimitPerMinute, createdAt, updatedAt }) => ({
    id,
    sourceId,
    rateLimitPerMinute,
    createdAt: toRfc3339(createdAt),
    updatedAt: toRfc3339(updatedAt),
    ...countsOf(id),
  }));
}
