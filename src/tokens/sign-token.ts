import { type JWTPayload, SignJWT } from "jose";
import { toRfc3339 } from "../time.ts";
import { OWN_ALGORITHM, OWN_ISSUER } from "./constants.ts";
import { signingKey, type TokenKind } from "./signing-key.ts";

/** `expiresAt`: RFC 3339. */
export type SignedToken = { token: string; expiresAt: string };

/** Makes a token of ours, which is good in one organization. */
export async function signToken(
  masterKeys: string,
  kind: TokenKind,
  organizationId: string,
  { claims, expiresInSeconds }: { claims: JWTPayload; expiresInSeconds: number },
): Promise<SignedToken> {
  const { kid, secret } = await signingKey(masterKeys, kind);
  const issuedAt = Math.floor(Date.now() / 1000);
  const expiresAt = issuedAt + expiresInSeconds;
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: OWN_ALGORITHM, typ: "JWT", kid })
    .setIssuer(OWN_ISSUER)
    .setAudience(organizationId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(secret);
  return { token, expiresAt: toRfc3339(expiresAt * 1000) };
}
