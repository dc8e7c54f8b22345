import { FIRST_RETRY_MS, MAX_RETRY_AFTER_MS, MAX_RETRY_MS } from "./constants.ts";

/** How long to wait after the `failures`-th failure in a row: twice as long each time, ±20 %. `random` is 0…1. */
export function backoffMs(failures: number, random: number): number {
  const wait = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS);
  return Math.round(wait * (0.8 + 0.4 * random));
}

/** What a `Retry-After` asks for, in ms: seconds or a date. Undefined when it is neither. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), MAX_RETRY_AFTER_MS);
}
