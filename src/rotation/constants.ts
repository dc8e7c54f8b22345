/** Rows that are sealed again at a time. */
export const ROTATED_CHUNK = 100;

/** Most rows of one column that one run seals again; another run goes on. */
export const MAX_ROTATED_ROWS = 5000;

/** Most answers under old keys that are counted. */
export const MAX_COUNTED_ANSWERS = 10_000;
