import type { Scope } from "../api-keys/index.ts";
import { MAX_STREAM_LIFE_MS } from "../channels/index.ts";
import { BatonError } from "../errors.ts";
import { matchPattern } from "./match-pattern.ts";
import type { Grant } from "./verify-token.ts";

/** Who asks: an API key by its scopes, or a channel token by what it opens. */
export type Caller = { scopes: readonly Scope[]; grant?: Grant };
export type ChannelWish = { name: string; action: "subscribe" | "publish" };
/** When a stream must end (ms UTC), and with which code. */
export type Term = { until: number; untilCode: 4401 | 4409 };

const NEEDED: Record<ChannelWish["action"], Scope> = { subscribe: "read", publish: "write" };

/**
 * Throws 403 unless the caller may do this with a channel. A stream ends when its token does (4401); and it is opened
 * anew after its longest life (4409), so that a deleted key, a deleted issuer and a removed origin end it too.
 */
export function grantAccess(caller: Caller, wish: ChannelWish, now: number): Term {
  const { scopes, grant } = caller;
  const renewAt = now + MAX_STREAM_LIFE_MS;
  if (!grant) {
    assertScope(scopes, NEEDED[wish.action]);
    return { until: renewAt, untilCode: 4409 };
  }
  assertCovered(grant, wish);
  return grant.expiresAt <= renewAt
    ? { until: grant.expiresAt, untilCode: 4401 }
    : { until: renewAt, untilCode: 4409 };
}

function assertScope(scopes: readonly Scope[], needed: Scope): void {
  if (scopes.includes(needed)) return;
  throw new BatonError("forbidden", `This call needs an API key with scope \`${needed}\`.`);
}

function assertCovered(grant: Grant, { name, action }: ChannelWish): void {
  if (grant[action].some((pattern) => matchPattern(pattern, name))) return;
  throw new BatonError(
    "forbidden",
    `This channel token may not ${action} here: no pattern of its \`baton.${action}\` covers \`${name}\`.`,
  );
}
