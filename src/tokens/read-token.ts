import { decodeJwt, decodeProtectedHeader } from "jose";
import { BatonError } from "../errors.ts";
import { isId } from "../ids.ts";
import { MAX_TOKEN_CHARS } from "./constants.ts";

/** What a token says of itself: nothing of it is true before its signature is checked. */
export type UnverifiedToken = { issuer: string; organizationId: string; kid: unknown };

/** True for three dotted parts: a JWT, not an API key. */
export function looksLikeToken(credential: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(credential);
}

/** Reads what is needed to find the keys of a token. Throws 401 for one that names no issuer or organization. */
export function readToken(token: string): UnverifiedToken {
  if (token.length > MAX_TOKEN_CHARS) {
    throw refusedToken(`is longer than ${MAX_TOKEN_CHARS} characters`);
  }
  const { claims, kid } = decode(token);
  if (typeof claims.iss !== "string") throw refusedToken("has no issuer; add the claim `iss`");
  return { issuer: claims.iss, organizationId: readAudience(claims.aud), kid };
}

/** The organization that a credential says it is for, or null; without any check. */
export function claimedOrganization(credential: string): string | null {
  try {
    return readToken(credential).organizationId;
  } catch {
    return null;
  }
}

/** 401 with what is wrong with a token and how to mend it. Never holds the token. */
export function refusedToken(what: string): BatonError {
  return new BatonError("unauthorized", `This channel token ${what}.`);
}

function decode(token: string) {
  try {
    return { claims: decodeJwt(token), kid: decodeProtectedHeader(token).kid as unknown };
  } catch {
    throw refusedToken("is no readable JWT; send it whole, as it was made");
  }
}

/** Other audiences may stand beside it, but a channel's name is good in one organization only. */
function readAudience(aud: unknown): string {
  const named = [aud].flat().filter((one) => typeof one === "string");
  const [only, ...others] = named.filter((one) => isId("organization", one));
  if (only === undefined) {
    throw refusedToken("names no organization; put its id (`org_…`) into the claim `aud`");
  }
  if (others.length > 0) throw refusedToken("names several organizations in `aud`; name one");
  return only;
}
