import type { Failure, Incoming } from "./verification.ts";

/** How a provider writes the time: whole seconds or milliseconds since 1970, ISO 8601, or any of these. */
export type TimeUnit = "seconds" | "milliseconds" | "iso" | "any";

/** Seconds have 11 digits until the year 5138; milliseconds have 12 since 1973. */
const MAX_SECONDS_DIGITS = 11;

/** Null when the time is within the tolerance, before or after now. */
export function checkTime(
  text: string,
  unit: TimeUnit,
  { nowMs }: Pick<Incoming, "nowMs">,
  toleranceSeconds: number,
): Failure | null {
  const timeMs = readTime(text, unit);
  if (timeMs === null) return { check: "timestamp", detail: "its timestamp cannot be read" };
  if (Math.abs(nowMs - timeMs) <= toleranceSeconds * 1000) return null;
  const when = timeMs < nowMs ? "old" : "far ahead";
  return {
    check: "timestamp",
    detail: `its timestamp is too ${when}; ${toleranceSeconds} s are allowed`,
  };
}

function readTime(text: string, unit: TimeUnit): number | null {
  if (/^\d{1,15}$/.test(text)) {
    if (unit === "iso") return null;
    const isSeconds = unit === "seconds" || (unit === "any" && text.length <= MAX_SECONDS_DIGITS);
    return isSeconds ? Number(text) * 1000 : Number(text);
  }
  if (unit !== "iso" && unit !== "any") return null;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/.test(text)) return null;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? null : timeMs;
}
