import { SEOUL_OFFSET_MS } from "../sms/index.ts";

/** Seoul's clock at a time, `2026-02-12T12:34:00`. */
export function seoulClock(ms: number): string {
  return new Date(ms + SEOUL_OFFSET_MS).toISOString().slice(0, 19);
}

/** `2026-02` in Seoul. */
export function seoulMonth(ms: number): string {
  return seoulClock(ms).slice(0, 7);
}

/** When the month that a time lies in began in Seoul, in milliseconds UTC. */
export function startOfSeoulMonth(ms: number): number {
  return Date.parse(`${seoulMonth(ms)}-01T00:00:00Z`) - SEOUL_OFFSET_MS;
}
