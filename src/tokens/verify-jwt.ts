import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
import type { Settings } from "../context.ts";
import { log } from "../log.ts";
import {
  CLOCK_LEEWAY_SECONDS,
  ISSUER_ALGORITHMS,
  LATEST_TIME_MS,
  MAX_TOKEN_LIFE_SECONDS,
  OWN_ALGORITHM,
} from "./constants.ts";
import type { IssuerKeys } from "./find-issuer.ts";
import { loadJwks } from "./load-jwks.ts";
import type { UnverifiedToken } from "./read-token.ts";
import { RefusedToken } from "./refused-token.ts";
import { findSigningKey, TOKEN_KINDS, type TokenKind } from "./signing-key.ts";

/** A token as it came, what it says of itself, and what its `aud` must hold (undefined: it may be for anybody). */
export type GivenToken = {
  token: string;
  kind: TokenKind;
  said: UnverifiedToken;
  audience: string | undefined;
};
/** `expiresAt`: ms UTC. */
export type VerifiedToken = { claims: JWTPayload; expiresAt: number };

/** Checks a token that says it is ours. Throws 401 when it cannot be believed. */
export async function verifyOwn(
  { masterKey }: Settings,
  { token, ...given }: GivenToken,
): Promise<VerifiedToken> {
  const key = await findSigningKey(masterKey, given.kind, given.said.kid);
  if (!key) throw new RefusedToken(given.kind, await faultOfKey(masterKey, given));
  return check(given, {
    algorithms: [OWN_ALGORITHM],
    maxTokenAge: MAX_TOKEN_LIFE_SECONDS,
    verify: (options) => jwtVerify(token, key.secret, options),
  });
}

/** Checks a token by its issuer's public keys. Throws 401 when it cannot be believed, 503 when they cannot be read now. */
export async function verifyByKeys(
  settings: Settings,
  { token, ...given }: GivenToken,
  issuer: IssuerKeys,
): Promise<VerifiedToken> {
  const jwks = await loadJwks(issuer, given.said.kid, settings);
  return check(given, {
    algorithms: ISSUER_ALGORITHMS,
    verify: (options) => jwtVerify(token, jwks, options),
  });
}

type Given = Omit<GivenToken, "token">;
type Check = Pick<JWTVerifyOptions, "algorithms" | "maxTokenAge"> & {
  verify: (options: JWTVerifyOptions) => Promise<{ payload: JWTPayload }>;
};

async function check(
  { kind, said, audience }: Given,
  { verify, ...more }: Check,
): Promise<VerifiedToken> {
  try {
    const { payload } = await verify({
      ...more,
      ...(audience !== undefined && { audience }),
      issuer: said.issuer,
      requiredClaims: ["exp"],
      clockTolerance: CLOCK_LEEWAY_SECONDS,
    });
    return { claims: payload, expiresAt: readExpiry(kind, payload) };
  } catch (error) {
    if (error instanceof RefusedToken) throw error;
    if (error instanceof errors.JWTExpired && error.claim === "exp") throw expired(kind);
    throw new RefusedToken(kind, faultOf(error));
  }
}

async function faultOfKey(masterKey: string, { kind, said }: Given): Promise<string> {
  for (const other of TOKEN_KINDS) {
    if (other === kind || !(await findSigningKey(masterKey, other, said.kid))) continue;
    return `is a ${other} token; send a ${kind} token`;
  }
  return "was signed with a key that is no longer in use; make another one";
}

/** A key that cannot even be used is the issuer's mistake, and an outside failure like the others. */
function faultOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "has expired; get another one";
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.reason === "missing"
      ? `has no claim \`${error.claim}\`; add it`
      : `is not good now: its claim \`${error.claim}\` does not hold`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return `is signed in a way that is not accepted; ours are ${OWN_ALGORITHM}, those of others ${ISSUER_ALGORITHMS.join(", ")}`;
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return "is signed with a key that its issuer does not publish; check its `kid` and `alg`";
  }
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return "does not say which of its issuer's keys signed it; add a `kid`";
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return "has a wrong signature";
  if (!(error instanceof errors.JOSEError)) log.debug("token_not_verified", { error });
  return "cannot be verified; check how it was made, and its issuer's keys";
}

/** No leeway: what the token opens ends at this time. */
function readExpiry(kind: TokenKind, { exp = 0, iat }: JWTPayload): number {
  const now = Date.now();
  if (exp * 1000 <= now) throw expired(kind);
  if (iat !== undefined && iat > now / 1000 + CLOCK_LEEWAY_SECONDS) {
    throw new RefusedToken(kind, "is not good now: its claim `iat` does not hold");
  }
  return Math.min(exp * 1000, LATEST_TIME_MS);
}

function expired(kind: TokenKind): RefusedToken {
  return new RefusedToken(kind, "has expired; get another one", { isExpired: true });
}
