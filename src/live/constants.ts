/** For how long a source counts as watched after somebody has asked. The consumer tells nobody of one that is not. */
export const WATCH_MS = 10 * 60_000;
/** The mark is written again when it has less than this left: one row in five minutes, however many watch. */
export const WATCH_RENEW_MS = 5 * 60_000;
/** How often a stream looks whether the mark is to be written again. */
export const WATCH_CHECK_MS = 60_000;

/** Hints of one source go out together when they come within this time. */
export const HINT_MS = 200;
/** A hint that takes longer is given up: the watchers read the database again anyway. */
export const MAX_HINT_MS = 2_000;
/** Ids that a stream keeps for its next read; with more it reads everything that is new instead. */
export const MAX_PENDING_IDS = 2_000;

/** Events that one read shows, the newest ones: older ones are told of as a gap. */
export const MAX_REPLAYED_EVENTS = 1_000;
/** Events that one read looks at, the newest ones. */
export const MAX_SCANNED_EVENTS = 5_000;
/** Events whose rows are loaded at a time, with their headers. */
export const EVENTS_AT_A_TIME = 100;
/** Events and deliveries whose last shown state a stream remembers. */
export const MAX_SEEN = 20_000;
/** Deliveries that have not ended and that each re-read looks at once more. */
export const MAX_OPEN_DELIVERIES = 500;

/**
 * How far behind its position a stream reads again: a row's id is made right before its insert, and D1 ends a statement
 * after 30 s.
 */
export const OVERLAP_MS = 60_000;
/** The first re-read after a stream has begun, and the longest wait between two: each waits twice as long. */
export const FIRST_REREAD_MS = 1_000;
export const REREAD_MS = 15_000;

/** Wait before a socket that was closed is opened again, and up to as long again; doubled each time, up to REREAD_MS. */
export const REOPEN_MS = 500;

/** Sources that one stream of a whole organization watches: the newest ones. */
export const MAX_LIVE_SOURCES = 50;
/** How often such a stream looks for new sources. */
export const SOURCES_CHECK_MS = 5_000;
