import { mergeCookies } from "../portal-http/index.ts";
import { predictExpiry } from "./machine/prediction.ts";
import { renewExpiry, type SessionRef, sessionAt } from "./machine/roles.ts";
import type { Pair, UsablePortal } from "./pair.ts";
import { rulesOf } from "./rules-of.ts";
import type { Snapshot, StoredCookie } from "./snapshot.ts";

/** Keeps what an answer changed of its session's cookies; of another login's it changes nothing. */
export async function keepCookies(
  pair: Pair,
  portal: UsablePortal,
  ref: SessionRef,
  sentWith: Snapshot,
  cookies: StoredCookie[] | null,
): Promise<void> {
  if (!cookies) return;
  const kept = await pair.jars.update(ref, (newest) => ({
    ...newest,
    cookies: mergeCookies(sentWith.cookies, cookies, newest.cookies),
  }));
  if (kept) renewPrediction(pair, portal, ref, kept);
}

/** Cookies that the site renews move the end of the session that is expected. */
export function renewPrediction(
  pair: Pair,
  portal: UsablePortal,
  ref: SessionRef,
  snapshot: Snapshot,
): void {
  const session = sessionAt(pair.state, ref);
  if (!session) return;
  const endsAt = pair.parts.site.cookiesEndAt(snapshot, portal.definition);
  const { lives } = pair.state;
  const expiresAt = predictExpiry(session.readyAt, endsAt, rulesOf(portal.definition), lives);
  pair.commit(renewExpiry(pair.state, ref, expiresAt));
}
