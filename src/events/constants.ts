/** Longest `path` or `sender` filter, in characters. */
export const MAX_FILTER_CHARS = 2000;

/** D1 refuses longer GLOB patterns ("LIKE or GLOB pattern too complex"). */
export const MAX_GLOB_PATTERN_BYTES = 50;

/** A delivery this far past its time is overdue: the sweep, each minute, should have had it. */
export const OVERDUE_MS = 60_000;

/** Most overdue deliveries that are counted in one shard. */
export const MAX_COUNTED_OVERDUE = 10_000;

/** Most events that are looked at for the oldest one not routed. */
export const MAX_SCANNED_EVENTS = 2000;
