import { MAX_RETRY_AFTER_MS, type Timing } from "./constants.ts";

/**
 * How long to wait after `failures` failures in a row (0: the first cut after a good time). `floorMs` is what the server
 * asks for; on top of it comes anything up to a limit that doubles, so that many who were cut together do not come back
 * together. `random` is 0…1.
 */
export function backoffMs(
  { firstRetryMs, maxRetryMs }: Pick<Timing, "firstRetryMs" | "maxRetryMs">,
  { failures, floorMs, random }: { failures: number; floorMs: number; random: number },
): number {
  const limit = Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(failures, 30));
  return Math.round(Math.min(floorMs, MAX_RETRY_AFTER_MS) + limit * random);
}

/** What a `Retry-After` asks for, in ms: seconds or a date; 0 when it is neither. */
export function retryAfterMs(header: string | null, now: number): number {
  const text = header?.trim() ?? "";
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? 0 : Math.min(Math.max(wait, 0), MAX_RETRY_AFTER_MS);
}
