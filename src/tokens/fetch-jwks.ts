import { createLocalJWKSet, type JSONWebKeySet } from "jose";
import type { Settings } from "../context.ts";
import { MAX_JWKS_KEYS } from "./constants.ts";
import { fetchPublic } from "./fetch-public.ts";

export type Jwks = { set: JSONWebKeySet; kids: ReadonlySet<unknown> };
/** The keys, or in words why there are none. */
export type Fetched = { jwks: Jwks; problem?: undefined } | { problem: string };

/** Reads an issuer's public keys. An outside failure is data. */
export async function fetchJwks(url: string, settings: Settings): Promise<Fetched> {
  const published = await fetchPublic(url, "application/jwk-set+json, application/json", settings);
  return published.problem === undefined ? readJwks(published.bytes) : published;
}

function readJwks(bytes: Uint8Array): Fetched {
  try {
    const set = JSON.parse(new TextDecoder().decode(bytes)) as JSONWebKeySet;
    // Throws for what is no set of keys.
    createLocalJWKSet(set);
    if (set.keys.length > MAX_JWKS_KEYS) return { problem: `there are more than ${MAX_JWKS_KEYS}` };
    return { jwks: { set, kids: new Set(set.keys.map(({ kid }) => kid)) } };
  } catch {
    return { problem: "the server's answer is no JWK Set" };
  }
}
