/** What a line may have before it is cut: with it, memory for a file is bounded. */
export const MAX_LINE_BYTES = 64 * 1024;
/** An entry of several lines ends when it has so many times that: a regex that begins none must not hold all up. */
export const MAX_ENTRY_LINES = 16;
/** One read. Files take turns read by read. */
export const READ_BYTES = 128 * 1024;
/** How much of a file's start, and of what stands before the place reached, tells whether it is still the same. */
export const WINDOW_BYTES = 1024;

/** Between two looks at the files. Events only make it sooner: NFS and some container mounts send none. */
export const POLL_MS = 1000;
/** However many events come, not more often than this. */
export const MIN_LOOK_MS = 20;
/** After a look, so many times as long as it took there is none. */
export const REST_PER_LOOK = 4;
/** How long a rotated or deleted file must have been still before it is closed: writers notice late. */
export const GRACE_MS = 5000;

/** Files that are held open at a time. */
export const MAX_OPEN_FILES = 256;
/** Folders a pattern may lead to, and how deep `**` goes. */
export const MAX_FOLDERS = 10_000;
export const MAX_DEPTH = 20;
/** What is remembered of rotated files that were read to their end. */
export const MAX_SEEN_FILES = 500;
/** Files of the checkpoint that are not open. */
export const MAX_SAVED_FILES = 5000;

/** Alerts that may wait for delivery; nothing is read while it is full. */
export const MAX_QUEUED_ALERTS = 1000;
export const MAX_QUEUED_BYTES = 8 * 1024 * 1024;
/** Alerts that are handed over together. */
export const BATCH_ALERTS = 16;
/** Requests of a batch that run at a time. */
export const MAX_REQUESTS = 4;

/** After an alert, so long everything else of its file is only counted. */
export const COOLDOWN_MS = 60_000;
/** Between two writes of the checkpoint while lines are acknowledged. */
export const CHECKPOINT_EVERY_MS = 1000;
/** A checkpoint larger than this is none of ours. */
export const MAX_CHECKPOINT_BYTES = 64 * 1024 * 1024;
/** What stopping may take, until what is queued has arrived. */
export const DRAIN_MS = 10_000;
export const STATUS_EVERY_MS = 1000;
/** How long a stack trace may pause before it counts as complete. */
export const MULTILINE_IDLE_MS = 1000;

/** A request of the deliverer. */
export const REQUEST_TIMEOUT_MS = 30_000;
export const FIRST_RETRY_MS = 1000;
export const MAX_RETRY_MS = 60_000;
/** What a `Retry-After` may ask for; a broken clock would else stop alerts for days. */
export const MAX_RETRY_AFTER_MS = 15 * 60_000;
/** What is read of an answer; leaving early ends the connection. */
export const MAX_ANSWER_BYTES = 64 * 1024;
/** An answer's text that a problem quotes. */
export const MAX_QUOTED_CHARS = 200;
