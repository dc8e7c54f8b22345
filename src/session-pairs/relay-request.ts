import {
  FRESH_EVIDENCE_MS,
  MAX_TRIES,
  MAX_WAIT_MS,
  REQUEST_TIMEOUT_MS,
  RETRY_AFTER_MS,
} from "./constants.ts";
import { type SessionRef, sessionAt } from "./machine/roles.ts";
import type { Pair, UsablePortal } from "./pair.ts";
import type { SiteAnswer, SiteRequest } from "./parts.ts";
import { askOf, probeSession } from "./probe-session.ts";
import type { RelayAnswer, RelayRequest } from "./rpc.ts";
import { SESSION_GONE, sendAs } from "./send-as.ts";
import { type InUse, waitForSession } from "./wait-for-session.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Sends a request through the primary, and through the backup when the primary turns out to be over. */
export async function relayRequest(
  pair: Pair,
  portal: UsablePortal,
  input: RelayRequest,
): Promise<RelayAnswer> {
  const request = toSiteRequest(input);
  const fault = pair.parts.site.requestFault(portal.definition, request);
  if (fault) return { kind: "refused", ...fault };
  pair.countRequest();
  const isSafe = SAFE_METHODS.has(request.method);
  const isRepeatable = isSafe || input.idempotencyKey !== null;
  const until = pair.now + Math.min(Math.max(0, input.waitMs), MAX_WAIT_MS);
  for (let tries = 1; ; ) {
    const use = await waitForSession(pair, portal, until);
    if (use.kind === "unavailable") return { ...use, sent: tries > 1 };
    // What cannot be repeated is not risked on a session that nobody has seen alive just now.
    if (!isRepeatable && !isFresh(pair, use)) {
      if ((await probeSession(pair, portal, use)) === "out") continue;
    }
    const sent = await sendAs(pair, portal, use, { request, timeoutMs: REQUEST_TIMEOUT_MS });
    if (sent.kind === "failed" && sent.reason === SESSION_GONE) {
      // Its jar is another login's, or cannot be opened: the probe finds the same, and ends the session.
      await probeSession(pair, portal, use, true);
      continue;
    }
    if (sent.kind === "failed") {
      const { reason, sent: mayBeThere } = sent;
      const retryAfterMs = RETRY_AFTER_MS.site;
      return { kind: "unavailable", reason, retryAfterMs, sent: mayBeThere || tries > 1 };
    }
    const isOver = await isSessionOver(pair, portal, use, sent);
    if (!isOver) return toAnswer(sent, use);
    if (!isRepeatable || tries >= MAX_TRIES) {
      pair.count((counts) => ({
        ...counts,
        requestsFailedByAuth: counts.requestsFailedByAuth + 1,
      }));
      return toAnswer(sent, use);
    }
    tries += 1;
  }
}

/** An answer that looks so is believed when the health request says the same; hundreds at a time ask once. */
async function isSessionOver(
  pair: Pair,
  portal: UsablePortal,
  ref: SessionRef,
  answer: SiteAnswer,
): Promise<boolean> {
  if (!pair.parts.site.matchesOut(portal.definition, answer)) return false;
  if (!sessionAt(pair.state, ref)) return true;
  const name = `confirm:${ref.fence}`;
  const confirm = () => pair.asks.run(name, () => probeSession(pair, portal, ref, true));
  // What was asked before this answer came does not know what it says.
  const isOlder = pair.asks.has(name) || pair.asks.has(askOf(ref));
  const verdict = await confirm();
  return (verdict === "in" && isOlder ? await confirm() : verdict) === "out";
}

function isFresh(pair: Pair, { fence }: SessionRef): boolean {
  return pair.now - (pair.seen.get(fence) ?? 0) <= FRESH_EVIDENCE_MS;
}

function toSiteRequest(input: RelayRequest): SiteRequest {
  const { method, url, headers, body, idempotencyKey } = input;
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const key = idempotencyKey === null ? [] : [["idempotency-key", idempotencyKey] as const];
  return {
    method: method.toUpperCase(),
    url,
    headers: Object.fromEntries([...own, ...key]),
    body,
  };
}

function toAnswer({ status, headers, body }: SiteAnswer, { slot, epoch }: InUse): RelayAnswer {
  return { kind: "answered", status, headers, body, servedBy: { slot, epoch } };
}
