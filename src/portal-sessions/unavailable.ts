import { BatonError } from "../errors.ts";
import { REASON_NAMES, REASONS, type Reason } from "../session-pairs/index.ts";

const DEFAULT_RETRY_MS = 5_000;

/** Reasons of one request, beside those of logins. */
const OWN_TEXTS: Record<string, string> = {
  no_session_ready: "no session is ready yet",
  stopped: "the sessions are stopped; start them, or set `enabled`",
  pausing: "a login failed, and the next one comes after a pause",
  budget_spent: "the login budget is spent for now",
  session_gone: "the session has just ended",
  timeout: "the site did not answer in time",
  connection_failed: "the site cannot be reached",
  origin_left: "the answer led to an origin that the portal does not allow",
  too_large: "the answer is larger than can be handed on",
  redirect_loop: "the site redirects without end",
};

/** 503 that says why no session could take a request. `sent`: the site may have done it all the same. */
export function unavailable(facts: {
  reason: string;
  retryAfterMs?: number;
  sent?: boolean;
}): BatonError {
  const { reason, retryAfterMs = DEFAULT_RETRY_MS, sent = false } = facts;
  const text = OWN_TEXTS[reason] ?? (isReason(reason) ? REASONS[reason].text : reason);
  const done = sent
    ? "The request was sent, and its answer did not come: the site may have done it."
    : "Nothing was sent.";
  return new BatonError("unavailable", `No answer of the site: ${text}. ${done}`, {
    retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)),
    members: { reason, sent },
  });
}

function isReason(text: string): text is Reason {
  return (REASON_NAMES as readonly string[]).includes(text);
}
