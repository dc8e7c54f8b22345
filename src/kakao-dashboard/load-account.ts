import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoAccounts } from "../db/schema/kakao.ts";
import { notFound } from "../errors.ts";

/** Loads an account of the organization; 404 for another organization's, and for an id that is none. */
export async function getAccountInOrganization(ctx: Context, id: string) {
  const row = await ctx.db
    .select()
    .from(kakaoAccounts)
    .where(and(eq(kakaoAccounts.id, id), eq(kakaoAccounts.organizationId, ctx.organizationId)))
    .get();
  if (!row) throw notFound("KakaoTalk account", id);
  return row;
}
