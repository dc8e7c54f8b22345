import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { kakaoAccounts } from "../db/schema/kakao.ts";
import { BatonError } from "../errors.ts";
import { hashToken, makeRelayToken, tellAccount } from "../kakao/index.ts";
import { getAccountInOrganization } from "./load-account.ts";

/**
 * Gives an account another relay token; the one before is good for nothing any more, and its
 * streams are closed. 409 when somebody else does too.
 */
export async function regenerateToken(ctx: Context, accountId: string): Promise<string> {
  const { relayTokenVersion } = await getAccountInOrganization(ctx, accountId);
  const version = relayTokenVersion + 1;
  const token = await makeRelayToken(ctx.settings.masterKey, accountId, version);
  const [changed] = await ctx.db
    .update(kakaoAccounts)
    .set({
      relayTokenVersion: version,
      relayTokenHash: await hashToken(token),
      updatedAt: Date.now(),
    })
    .where(
      and(
        eq(kakaoAccounts.id, accountId),
        eq(kakaoAccounts.organizationId, ctx.organizationId),
        eq(kakaoAccounts.relayTokenVersion, relayTokenVersion),
      ),
    )
    .returning({ id: kakaoAccounts.id });
  if (!changed) {
    throw new BatonError("conflict", "The token was changed by somebody else just now; ask again.");
  }
  await tellAccount(ctx, accountId, { kind: "token_changed" });
  return token;
}
