/** Between two looks for new events while the live stream is down, and while it is up. */
export const LISTEN_POLL_MS = 2_000;
export const LISTEN_LOOK_MS = 30_000;
/** Between two looks at all of the overlap; others end where nothing is new. */
export const WHOLE_LOOK_MS = 10_000;
/** Between two looks for deliveries that wait (interrupted, retried by hand, replayed). */
export const WAITING_POLL_MS = 10_000;
/** How late a row may appear after the time in its id: ids are made before the row is written. */
export const LISTEN_OVERLAP_MS = 60_000;
/** How often it looks whether a retry is due. */
export const DUE_LOOK_MS = 200;
/** What is under way has this long to end after Ctrl-C. */
export const LISTEN_STOP_MS = 10_000;
/** Longest wait between two calls of an API that cannot be reached. */
export const MAX_API_WAIT_MS = 10_000;

export const DEFAULT_LISTEN_CONCURRENCY = 5;
export const MAX_LISTEN_CONCURRENCY = 100;
export const DEFAULT_CALL_SECONDS = 15;
export const MAX_CALL_SECONDS = 600;

/** How much of a local answer goes on record, as of every answer. */
export const MAX_KEPT_ANSWER_BYTES = 256 * 1024;
export const MAX_KEPT_HEADERS = 100;
export const MAX_KEPT_URL_CHARS = 32_000;
export const MAX_SHOWN_PATH_CHARS = 80;
/** A larger status than HTTP has cannot go on record. */
export const MAX_STATUS = 599;
