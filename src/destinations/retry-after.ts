import { MAX_RETRY_AFTER_MS } from "./constants.ts";

/** Reads `Retry-After`: seconds or an HTTP date, at most a day. Undefined when absent, past or unreadable. */
export function retryAfterMs(value: string | null, nowMs: number): number | undefined {
  const text = value?.trim() ?? "";
  if (text === "") return undefined;
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : dateMs(text) - nowMs;
  if (Number.isNaN(waitMs) || waitMs < 0) return undefined;
  return Math.min(Math.ceil(waitMs), MAX_RETRY_AFTER_MS);
}

/** An HTTP date starts with the day's name in all three of its forms; `Date.parse` alone would take nearly anything. */
function dateMs(text: string): number {
  return /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN;
}

/** The wait that a service's JSON names in seconds, fractions too; at most a day. Undefined for what is no wait. */
export function secondsToMs(value: unknown): number | undefined {
  if (typeof value !== "number" || !(value >= 0)) return undefined;
  return Math.min(Math.ceil(value * 1000), MAX_RETRY_AFTER_MS);
}
