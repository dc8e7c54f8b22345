import { kakaoCodes, kakaoSessions } from "../db/schema/kakao.ts";
import { PAIRING_TTL_MS } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import type { NewSession } from "./schemas.ts";
import { hashToken, newSessionToken } from "./tokens.ts";
import { withNewCode } from "./with-new-code.ts";

type Owner = { id: string; organizationId: string };

/** Makes a session of a KakaoTalk channel, with its first pairing code. The token is shown this once. */
export async function createSession(
  { db }: Pick<KakaoDeps, "db">,
  source: Owner,
): Promise<NewSession & { sessionId: string }> {
  const now = Date.now();
  const sessionToken = newSessionToken();
  const sessionId = crypto.randomUUID();
  const session = {
    id: sessionId,
    organizationId: source.organizationId,
    sourceId: source.id,
    tokenHash: await hashToken(sessionToken),
    status: "pending_pairing" as const,
    expiresAt: now + PAIRING_TTL_MS,
    createdAt: now,
    updatedAt: now,
  };
  const pairingCode = await withNewCode(async (code) => {
    const first = {
      code,
      sessionId,
      sourceId: source.id,
      expiresAt: session.expiresAt,
      createdAt: now,
    };
    await db.batch([db.insert(kakaoSessions).values(session), db.insert(kakaoCodes).values(first)]);
    return code;
  });
  return {
    sessionId,
    sessionToken,
    pairingCode,
    expiresIn: PAIRING_TTL_MS / 1000,
    status: "pending_pairing",
  };
}
