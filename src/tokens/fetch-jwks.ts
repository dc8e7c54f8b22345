import { createLocalJWKSet, type JSONWebKeySet } from "jose";
import type { Settings } from "../context.ts";
import { mayNotBeCalled, readCapped, startDeadline } from "../destinations/index.ts";
import { JWKS_TIMEOUT_MS, MAX_JWKS_BYTES, MAX_JWKS_KEYS } from "./constants.ts";

export type Jwks = { set: JSONWebKeySet; kids: ReadonlySet<unknown> };
/** The keys, or in words why there are none. */
export type Fetched = { jwks: Jwks; problem?: undefined } | { problem: string };

/** Reads an issuer's public keys. An outside failure is data. A redirect is not followed: it was not checked. */
export async function fetchJwks(url: string, settings: Settings): Promise<Fetched> {
  // Checked again at the call: settings and DNS may have changed since it was saved.
  if (await mayNotBeCalled({ url }, settings)) return { problem: "their address is not public" };
  const deadline = startDeadline(JWKS_TIMEOUT_MS);
  try {
    const answer = await deadline.race(
      fetch(url, {
        headers: { accept: "application/jwk-set+json, application/json" },
        redirect: "manual",
        signal: deadline.signal,
      }),
    );
    if (answer.status !== 200 || !answer.body) {
      await answer.body?.cancel();
      return { problem: `their server answered ${answer.status}` };
    }
    const read = await readCapped(answer.body, MAX_JWKS_BYTES, deadline.race);
    if (read.failed) return { problem: "their server's answer broke off" };
    if (read.truncated) return { problem: `they are larger than ${MAX_JWKS_BYTES} bytes` };
    return readJwks(read.bytes);
  } catch {
    return { problem: "their server gave no answer" };
  } finally {
    deadline.clear();
  }
}

function readJwks(bytes: Uint8Array): Fetched {
  try {
    const set = JSON.parse(new TextDecoder().decode(bytes)) as JSONWebKeySet;
    // Throws for what is no set of keys.
    createLocalJWKSet(set);
    if (set.keys.length > MAX_JWKS_KEYS) return { problem: `they are more than ${MAX_JWKS_KEYS}` };
    return { jwks: { set, kids: new Set(set.keys.map(({ kid }) => kid)) } };
  } catch {
    return { problem: "their server's answer is no JWK Set" };
  }
}
