/** Longest `path` or `sender` filter, in characters. */
export const MAX_FILTER_CHARS = 2000;

/** D1 refuses longer GLOB patterns ("LIKE or GLOB pattern too complex"). */
export const MAX_GLOB_PATTERN_BYTES = 50;
