import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoCodes, kakaoSessions } from "../db/schema/kakao.ts";
import { getSessionInOrganization } from "./load-session.ts";
import { tellDisconnected } from "./tell-disconnected.ts";

/** Ends a session: its token and its codes are good for nothing any more, and its streams are closed. */
export async function disconnectSession(ctx: Context, id: string): Promise<void> {
  await getSessionInOrganization(ctx, id);
  const [sessions] = await ctx.db.batch([
    ctx.db
      .update(kakaoSessions)
      .set({ status: "disconnected", updatedAt: Date.now() })
      .where(and(eq(kakaoSessions.id, id), eq(kakaoSessions.organizationId, ctx.organizationId)))
      .returning({ id: kakaoSessions.id, accountId: kakaoSessions.accountId }),
    ctx.db.delete(kakaoCodes).where(eq(kakaoCodes.sessionId, id)),
  ]);
  for (const session of sessions) await tellDisconnected(ctx, session);
}
