import type { Outcome } from "./driver.ts";
import { retryAfterMs } from "./retry-after.ts";

/**
 * What an `http` answer means (Standard Webhooks): 2xx is success, a redirect is a failure, 410 asks for no more,
 * everything else is tried again. `Retry-After` is obeyed whenever it is given.
 */
export function httpOutcome(status: number, retryAfter: string | null, nowMs: number): Outcome {
  if (status >= 200 && status < 300) return { ok: true };
  if (status === 410) return { ok: false, retry: false, reason: "gone", effect: "disable" };
  const wait = retryAfterMs(retryAfter, nowMs);
  return {
    ok: false,
    retry: true,
    reason: reasonOf(status),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}

function reasonOf(status: number) {
  if (status === 429) return "rate_limited";
  return status >= 300 && status < 400 ? "redirect" : "http_status";
}
