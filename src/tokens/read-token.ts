import { decodeJwt, decodeProtectedHeader } from "jose";
import { isId } from "../ids.ts";
import { MAX_TOKEN_CHARS } from "./constants.ts";
import { RefusedToken } from "./refused-token.ts";
import type { TokenKind } from "./signing-key.ts";

/** What a token says of itself: nothing of it is true before its signature is checked. */
export type UnverifiedToken = { issuer: string; audiences: string[]; kid: unknown };

/** True for three dotted parts: a JWT, not an API key. */
export function looksLikeToken(credential: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(credential);
}

/** Reads what is needed to find the keys of a token. Throws 401 for one that names no issuer. */
export function readToken(token: string, kind: TokenKind): UnverifiedToken {
  if (token.length > MAX_TOKEN_CHARS) {
    throw new RefusedToken(kind, `is longer than ${MAX_TOKEN_CHARS} characters`);
  }
  const { claims, kid } = decode(token, kind);
  if (typeof claims.iss !== "string") {
    throw new RefusedToken(kind, "has no issuer; add the claim `iss`");
  }
  const audiences = [claims.aud as unknown].flat().filter((one) => typeof one === "string");
  return { issuer: claims.iss, audiences, kid };
}

/** The same of a channel token, with the organization that it is for; 401 for one that names none. */
export function readChannelToken(token: string): UnverifiedToken & { organizationId: string } {
  const said = readToken(token, "channel");
  return { ...said, organizationId: onlyOrganization(said.audiences) };
}

/** The organization that a credential says it is for, or null; without any check. */
export function claimedOrganization(credential: string): string | null {
  try {
    return readChannelToken(credential).organizationId;
  } catch {
    return null;
  }
}

function decode(token: string, kind: TokenKind) {
  try {
    return { claims: decodeJwt(token), kid: decodeProtectedHeader(token).kid as unknown };
  } catch {
    throw new RefusedToken(kind, "is no readable JWT; send it whole, as it was made");
  }
}

/** Other audiences may stand beside it, but a channel's name is good in one organization only. */
function onlyOrganization(audiences: string[]): string {
  const [only, ...others] = audiences.filter((one) => isId("organization", one));
  if (only === undefined) {
    throw new RefusedToken(
      "channel",
      "names no organization; put its id (`org_…`) into the claim `aud`",
    );
  }
  if (others.length > 0) {
    throw new RefusedToken("channel", "names several organizations in `aud`; name one");
  }
  return only;
}
