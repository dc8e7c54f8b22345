import type { Settings } from "../context.ts";
import type { ControlDb } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { OWN_ISSUER } from "./constants.ts";
import { findIssuer } from "./find-issuer.ts";
import { readChannelToken } from "./read-token.ts";
import { RefusedToken } from "./refused-token.ts";
import { ChannelClaim } from "./schemas.ts";
import { type GivenToken, verifyByKeys, verifyOwn } from "./verify-jwt.ts";

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
  const { organizationId, ...said } = readChannelToken(token);
  const given: GivenToken = { token, kind: "channel", said, audience: organizationId };
  const { claims, expiresAt } =
    said.issuer === OWN_ISSUER
      ? await verifyOwn(deps.settings, given)
      : await verifyForeign(deps, given, organizationId);
  return { organizationId, expiresAt, ...readClaim(claims.baton) };
}

async function verifyForeign({ db, settings }: Deps, given: GivenToken, organizationId: string) {
  const issuer = await findIssuer(db, organizationId, given.said.issuer);
  if (!issuer) {
    throw new RefusedToken(
      "channel",
      "is of an issuer that its organization does not know; register it first",
    );
  }
  return verifyByKeys(settings, given, issuer);
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
