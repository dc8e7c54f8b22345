import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoSessions } from "../db/schema/kakao.ts";
import { notFound } from "../errors.ts";
import { tellDisconnected } from "./tell-disconnected.ts";

/** Deletes a session with its codes and closes its streams; the account that it has become stays. */
export async function deleteSession(ctx: Context, id: string): Promise<void> {
  const [session] = await ctx.db
    .delete(kakaoSessions)
    .where(and(eq(kakaoSessions.id, id), eq(kakaoSessions.organizationId, ctx.organizationId)))
    .returning({ id: kakaoSessions.id, accountId: kakaoSessions.accountId });
  if (!session) throw notFound("KakaoTalk session", id);
  await tellDisconnected(ctx, session);
}
