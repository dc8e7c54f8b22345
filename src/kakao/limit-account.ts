import { RATE_WINDOW_MS } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import type { Caller } from "./find-caller.ts";

export type AccountLimit = { allowed: boolean; headers: Record<string, string> };

/** Counts a call of an account, of whatever kind; a session that nobody has paired with is not counted. Throws when the count cannot be asked. */
export async function limitAccount(
  { rateLimits }: Pick<KakaoDeps, "rateLimits">,
  { account }: Caller,
): Promise<AccountLimit> {
  if (account === null) return { allowed: true, headers: {} };
  const { allowed, remaining, resetAt } = await rateLimits
    .getByName(`kakao:account:${account.id}`)
    .take({ limit: account.ratePerMinute, windowMs: RATE_WINDOW_MS });
  const headers = {
    "x-ratelimit-limit": String(account.ratePerMinute),
    "x-ratelimit-remaining": String(remaining),
    "x-ratelimit-reset": String(Math.ceil(resetAt / 1000)),
  };
  // Its clients have always been told a minute.
  return { allowed, headers: allowed ? headers : { ...headers, "retry-after": "60" } };
}
