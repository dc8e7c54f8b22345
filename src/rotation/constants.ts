/** Rows that are read, and sealed again, at a time. */
export const ROTATED_CHUNK = 100;

/** Most characters of sealed text that one statement is given: D1 takes 2 MB; a config seals to half of one at most. */
export const MAX_UPDATE_CHARS = 1_500_000;

/** Most rows of one column that one run looks at: with few large ones about 250 statements in all; another run goes on. */
export const MAX_ROTATED_ROWS = 5000;

/** Most answers under old keys that are counted. */
export const MAX_COUNTED_ANSWERS = 10_000;
