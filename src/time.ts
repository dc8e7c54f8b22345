import { z } from "zod";

/** A time on the wire: RFC 3339 with `Z` and milliseconds. */
export function toRfc3339(ms: number): string {
  return new Date(ms).toISOString();
}

/** A time in a request: RFC 3339 with an offset; parsed to milliseconds UTC. */
export const Timestamp = z.iso
  .datetime({ offset: true, error: "not an RFC 3339 time, e.g. 2026-11-21T09:00:00Z" })
  .transform((text) => Date.parse(text));
