import { SignJWT } from "jose";
import type { Context } from "../context.ts";
import { commitOnce } from "../idempotency.ts";
import { toRfc3339 } from "../time.ts";
import { OWN_ALGORITHM, OWN_ISSUER } from "./constants.ts";
import type { ChannelToken, CreateChannelToken } from "./schemas.ts";
import { signingKey } from "./signing-key.ts";

/** Makes a token for some of the organization's channels. Nothing is kept of it: it cannot be taken back. */
export async function createChannelToken(
  ctx: Context,
  { subscribe, publish, expiresInSeconds }: CreateChannelToken,
): Promise<ChannelToken> {
  const { kid, secret } = await signingKey(ctx.settings.masterKey);
  const issuedAt = Math.floor(Date.now() / 1000);
  const expiresAt = issuedAt + expiresInSeconds;
  const token = await new SignJWT({ baton: { subscribe, publish } })
    .setProtectedHeader({ alg: OWN_ALGORITHM, typ: "JWT", kid })
    .setIssuer(OWN_ISSUER)
    .setAudience(ctx.organizationId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(secret);
  return commitOnce(ctx, [], { token, expiresAt: toRfc3339(expiresAt * 1000) });
}
