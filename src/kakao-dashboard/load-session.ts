import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoSessions } from "../db/schema/kakao.ts";
import { notFound } from "../errors.ts";

/** Loads a session of the organization; 404 for another organization's, and for an id that is none. */
export async function getSessionInOrganization(ctx: Context, id: string) {
  const row = await ctx.db
    .select()
    .from(kakaoSessions)
    .where(and(eq(kakaoSessions.id, id), eq(kakaoSessions.organizationId, ctx.organizationId)))
    .get();
  if (!row) throw notFound("KakaoTalk session", id);
  return row;
}
