import { createLocalJWKSet } from "jose";
import type { Settings } from "../context.ts";
import { BatonError } from "../errors.ts";
import { log } from "../log.ts";
import {
  ISSUER_TIMEOUT_MS,
  JWKS_CACHE_MS,
  JWKS_FAILED_MS,
  JWKS_LOOK_MS,
  JWKS_REFETCH_MS,
  MAX_CACHED_JWKS,
} from "./constants.ts";
import { fetchJwks, type Jwks } from "./fetch-jwks.ts";
import type { IssuerKeys } from "./find-issuer.ts";

type Kept = {
  jwks: Jwks | null;
  fetchedAt: number;
  /** When the latest try ended, well or not. */
  triedAt: number;
  /** Why it failed. */
  problem: string | null;
  /** A request asks right now; should it be cut off, another one may ask from this time on. */
  askedUntil: number;
};

// By URL, per isolate: public keys are the same for every organization that names them. Kept as JSON, since jose keeps
// promises with its keys, and one request must not await another one's.
const cache = new Map<string, Kept>();

/** The keys of an issuer, as new as the token's `kid` needs them. Throws 503 when they cannot be read now. */
export async function loadJwks(issuer: IssuerKeys, kid: unknown, settings: Settings) {
  for (;;) {
    const kept = cache.get(issuer.jwksUrl);
    const now = Date.now();
    const usable = kept?.jwks && now - kept.fetchedAt < JWKS_CACHE_MS ? kept.jwks : null;
    if (usable && (kid === undefined || usable.kids.has(kid))) return createLocalJWKSet(usable.set);
    if (kept && kept.askedUntil > now) {
      // Its promise is not ours to await either: we look from time to time.
      await scheduler.wait(JWKS_LOOK_MS);
      continue;
    }
    if (kept?.problem) {
      if (now - kept.triedAt < JWKS_FAILED_MS) throw unavailable(kept.problem);
    } else if (usable && kept && now - kept.triedAt < JWKS_REFETCH_MS) {
      return createLocalJWKSet(usable.set);
    }
    await ask(issuer, kept, settings);
  }
}

async function ask(issuer: IssuerKeys, before: Kept | undefined, settings: Settings) {
  const url = issuer.jwksUrl;
  const old = before ?? { jwks: null, fetchedAt: 0, triedAt: 0, problem: null };
  if (!before && cache.size >= MAX_CACHED_JWKS) cache.clear();
  // The check of the address has its own time limit.
  cache.set(url, { ...old, askedUntil: Date.now() + 2 * ISSUER_TIMEOUT_MS });
  const fetched = await fetchJwks(url, settings);
  const now = Date.now();
  if (fetched.problem !== undefined) {
    log.warn("token_issuer_unavailable", { issuerId: issuer.id, problem: fetched.problem });
    cache.set(url, { ...old, triedAt: now, problem: fetched.problem, askedUntil: 0 });
    return;
  }
  cache.set(url, {
    jwks: fetched.jwks,
    fetchedAt: now,
    triedAt: now,
    problem: null,
    askedUntil: 0,
  });
}

function unavailable(problem: string): BatonError {
  return new BatonError(
    "unavailable",
    `The keys of this token's issuer cannot be read now: ${problem}. Try again later.`,
    { retryAfterSeconds: JWKS_FAILED_MS / 1000 },
  );
}
