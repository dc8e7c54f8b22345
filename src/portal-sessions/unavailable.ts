import { BatonError } from "../errors.ts";
import { REASON_NAMES, REASONS, type Reason } from "../session-pairs/index.ts";

const DEFAULT_RETRY_MS = 5_000;

const OWN_TEXTS: Record<string, string> = {
  no_session_ready: "no session is ready yet",
  stopped: "the sessions are stopped; start them, or set `enabled`",
};

/** 503 that says why no session could take a request. `sent`: the site may have done it all the same. */
export function unavailable(facts: {
  reason: string;
  retryAfterMs?: number;
  sent?: boolean;
}): BatonError {
  const { reason, retryAfterMs = DEFAULT_RETRY_MS, sent = false } = facts;
  const text = isReason(reason) ? REASONS[reason].text : (OWN_TEXTS[reason] ?? reason);
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
