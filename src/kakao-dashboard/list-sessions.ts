import { and, desc, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoCodes, kakaoSessions } from "../db/schema/kakao.ts";
import { toRfc3339 } from "../time.ts";
import type { Session } from "./schemas.ts";

type Row = typeof kakaoSessions.$inferSelect;
type Code = Pick<typeof kakaoCodes.$inferSelect, "code" | "expiresAt" | "createdAt">;

/** The organization's sessions, newest first, with the codes that are good now and no token. */
export async function listSessions(ctx: Context, limit: number): Promise<Session[]> {
  const now = Date.now();
  const rows = await ctx.db
    .select()
    .from(kakaoSessions)
    .where(eq(kakaoSessions.organizationId, ctx.organizationId))
    .orderBy(desc(kakaoSessions.createdAt), desc(kakaoSessions.id))
    .limit(limit);
  const codes = await loadCodes(
    ctx,
    rows.map(({ id }) => id),
    now,
  );
  return rows.map((row) => toSession(row, codes.get(row.id) ?? [], now));
}

async function loadCodes(ctx: Context, sessionIds: string[], now: number) {
  const wanted = sql`(SELECT value FROM json_each(${JSON.stringify(sessionIds)}))`;
  const codes = await ctx.db
    .select()
    .from(kakaoCodes)
    .where(
      and(
        inArray(kakaoCodes.sessionId, wanted),
        isNull(kakaoCodes.usedAt),
        gt(kakaoCodes.expiresAt, now),
      ),
    )
    .orderBy(desc(kakaoCodes.createdAt));
  return Map.groupBy(codes, ({ sessionId }) => sessionId);
}

function toSession(row: Row, codes: Code[], now: number): Session {
  // A session that nobody has asked about since its code ran out.
  const isOver = row.status === "pending_pairing" && row.expiresAt <= now;
  const status = isOver ? "expired" : row.status;
  const isOpen = status === "pending_pairing" || status === "paired";
  const { accountId, pairedConversationKey, pairedAt } = row;
  return {
    id: row.id,
    sourceId: row.sourceId,
    pairingCode: (status === "pending_pairing" && codes[0]?.code) || null,
    codes: (isOpen ? codes : []).map(({ code, expiresAt, createdAt }) => ({
      pairingCode: code,
      expiresAt: toRfc3339(expiresAt),
      createdAt: toRfc3339(createdAt),
    })),
    status,
    ...(accountId !== null && { accountId }),
    ...(pairedConversationKey !== null && { pairedConversationKey }),
    expiresAt: toRfc3339(row.expiresAt),
    ...(pairedAt !== null && { pairedAt: toRfc3339(pairedAt) }),
    createdAt: toRfc3339(row.createdAt),
    updatedAt: toRfc3339(row.updatedAt),
  };
}
