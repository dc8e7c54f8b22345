import type { Context } from "../context.ts";
import { kakaoCodes } from "../db/schema/kakao.ts";
import { BatonError } from "../errors.ts";
import { newPairingCode, PAIRING_TTL_MS } from "../kakao/index.ts";
import { getSessionInOrganization } from "./load-session.ts";

/** Creates a further pairing code of a session. 409 when the session has ended. */
export async function createCode(ctx: Context, sessionId: string) {
  const session = await getSessionInOrganization(ctx, sessionId);
  if (session.status !== "paired" && session.status !== "pending_pairing") {
    throw new BatonError("conflict", "This session has ended; create another one.");
  }
  const pairingCode = newPairingCode();
  const now = Date.now();
  await ctx.db.insert(kakaoCodes).values({
    code: pairingCode,
    sessionId,
    sourceId: session.sourceId,
    expiresAt: now + PAIRING_TTL_MS,
    createdAt: now,
  });
  return { pairingCode, expiresIn: PAIRING_TTL_MS / 1000 };
}
