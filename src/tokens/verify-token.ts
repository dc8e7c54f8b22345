import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
import type { Settings } from "../context.ts";
import type { ControlDb } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { log } from "../log.ts";
import {
  CLOCK_LEEWAY_SECONDS,
  ISSUER_ALGORITHMS,
  MAX_TOKEN_LIFE_SECONDS,
  OWN_ALGORITHM,
  OWN_ISSUER,
} from "./constants.ts";
import { findIssuer } from "./find-issuer.ts";
import { loadJwks } from "./load-jwks.ts";
import { readToken, refusedToken, type UnverifiedToken } from "./read-token.ts";
import { ChannelClaim } from "./schemas.ts";
import { findSigningKey } from "./signing-key.ts";

/** What a token opens. */
export type Grant = ChannelClaim & {
  organizationId: string;
  /** ms UTC. */
  expiresAt: number;
};

type Deps = { db: ControlDb; settings: Settings };

/**
 * Checks a channel token: ours, or one of an issuer that its organization has registered. Throws 401 when it cannot be
 * believed, 403 when it is good but opens no channel, 503 when its issuer's keys cannot be read now.
 */
export async function verifyToken(deps: Deps, token: string): Promise<Grant> {
  const said = readToken(token);
  const claims =
    said.issuer === OWN_ISSUER
      ? await verifyOwn(deps, token, said)
      : await verifyForeign(deps, token, said);
  return {
    organizationId: said.organizationId,
    expiresAt: readExpiry(claims),
    ...readClaim(claims.baton),
  };
}

async function verifyOwn({ settings }: Deps, token: string, said: UnverifiedToken) {
  const key = await findSigningKey(settings.masterKey, said.kid);
  if (!key) throw refusedToken("was signed with a key that is no longer in use; make another one");
  return check(said, {
    algorithms: [OWN_ALGORITHM],
    maxTokenAge: MAX_TOKEN_LIFE_SECONDS,
    verify: (options) => jwtVerify(token, key.secret, options),
  });
}

async function verifyForeign({ db, settings }: Deps, token: string, said: UnverifiedToken) {
  const issuer = await findIssuer(db, said.organizationId, said.issuer);
  if (!issuer) {
    throw refusedToken("is of an issuer that its organization does not know; register it first");
  }
  const jwks = await loadJwks(issuer, said.kid, settings);
  return check(said, {
    algorithms: ISSUER_ALGORITHMS,
    verify: (options) => jwtVerify(token, jwks, options),
  });
}

type Check = Pick<JWTVerifyOptions, "algorithms" | "maxTokenAge"> & {
  verify: (options: JWTVerifyOptions) => Promise<{ payload: JWTPayload }>;
};

async function check(said: UnverifiedToken, { verify, ...more }: Check): Promise<JWTPayload> {
  try {
    const { payload } = await verify({
      ...more,
      issuer: said.issuer,
      audience: said.organizationId,
      requiredClaims: ["exp"],
      clockTolerance: CLOCK_LEEWAY_SECONDS,
    });
    return payload;
  } catch (error) {
    throw refusedToken(faultOf(error));
  }
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
function readExpiry({ exp = 0, iat }: JWTPayload): number {
  const now = Date.now();
  if (exp * 1000 <= now) throw refusedToken("has expired; get another one");
  if (iat !== undefined && iat > now / 1000 + CLOCK_LEEWAY_SECONDS) {
    throw refusedToken("is not good now: its claim `iat` does not hold");
  }
  return exp * 1000;
}

function readClaim(claim: unknown): ChannelClaim {
  if (claim === undefined) {
    throw opensNothing('has no claim `baton`; add e.g. {"baton":{"subscribe":["orders.*"]}}');
  }
  const read = ChannelClaim.safeParse(claim);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const path = ["baton", ...(issue?.path ?? [])].map(String).join(".");
  throw opensNothing(`has a wrong claim: ${path}: ${issue?.message}`);
}

function opensNothing(why: string): BatonError {
  return new BatonError("forbidden", `This channel token ${why}.`);
}
