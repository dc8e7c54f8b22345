import type { Outcome, Reason } from "./driver.ts";

type Failure = Extract<Outcome, { ok: false }>;

export function failure(reason: Reason, retry: boolean): Failure {
  return { ok: false, retry, reason };
}

/** A service's 429: the whole destination waits, and the try does not count. */
export function rateLimited(waitMs: number): Failure {
  return {
    ...failure("rate_limited", true),
    retryAfterMs: waitMs,
    uncounted: true,
    effect: "pause",
  };
}

/** What any other status than success and 429 means to a messaging service. */
export function refusalOf(status: number): Failure {
  if (status >= 500 || status === 408) return failure("http_status", true);
  if (status >= 300 && status < 400) return failure("redirect", true);
  // The credential is wrong or gone: nothing will ever succeed there.
  const isHopeless = status === 401 || status === 403 || status === 404 || status === 410;
  return { ...failure("rejected", false), ...(isHopeless && { effect: "disable" as const }) };
}
