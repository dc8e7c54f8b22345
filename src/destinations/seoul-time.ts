/** Korea has had no summer time since 1988. */
const OFFSET_MS = 9 * 60 * 60 * 1000;

/** A time (ms UTC) on Seoul's clock, `YYYY-MM-DD HH:mm:ss`. */
export function seoulTime(ms: number): string {
  return new Date(ms + OFFSET_MS).toISOString().slice(0, 19).replace("T", " ");
}

/** The calendar day in Seoul, `YYYY-MM-DD`. */
export function seoulDay(ms: number): string {
  return seoulTime(ms).slice(0, 10);
}

/** Milliseconds UTC of a time that Seoul's clock shows as `YYYY-MM-DD HH:mm:ss`; null for any other text. */
export function readSeoulTime(text: unknown): number | null {
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d/.test(text)) return null;
  const ms = Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}+09:00`);
  return Number.isNaN(ms) ? null : ms;
}
