import type { Context } from "../context.ts";
import { kakaoCodes, kakaoSessions } from "../db/schema/kakao.ts";
import { hashToken, newPairingCode, newSessionToken, PAIRING_TTL_MS } from "../kakao/index.ts";
import { findChannel } from "./find-channel.ts";
import type { CreateSession } from "./schemas.ts";

/** Creates a session of one of the organization's channels. */
export async function createSession(
  ctx: Context,
  { sourceId }: CreateSession,
  defaultSource: string,
) {
  const source = await findChannel(ctx, sourceId, defaultSource);
  const sessionToken = newSessionToken();
  const pairingCode = newPairingCode();
  const now = Date.now();
  const id = crypto.randomUUID();
  const expiresAt = now + PAIRING_TTL_MS;
  await ctx.db.batch([
    ctx.db.insert(kakaoSessions).values({
      id,
      organizationId: source.organizationId,
      sourceId: source.id,
      tokenHash: await hashToken(sessionToken),
      status: "pending_pairing",
      expiresAt,
      createdAt: now,
      updatedAt: now,
    }),
    ctx.db
      .insert(kakaoCodes)
      .values({ code: pairingCode, sessionId: id, sourceId: source.id, expiresAt, createdAt: now }),
  ]);
  return {
    sessionToken,
    pairingCode,
    expiresIn: PAIRING_TTL_MS / 1000,
    status: "pending_pairing" as const,
  };
}
