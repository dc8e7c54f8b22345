/** Stopped with all sent, or a `--status` that shows nothing wrong. */
export const EXIT_OK = 0;
/** It cannot work as asked: a checkpoint in use, no such source. Or `--status`: not running, or not well. */
export const EXIT_FAILED = 1;
/** The command line cannot be used: starting it again does not help. */
export const EXIT_USAGE = 2;
/** The API key is missing, wrong or may not read sources. */
export const EXIT_NOT_AUTHORISED = 4;
/** Stopped while alerts were not acknowledged: the next start sends them. */
export const EXIT_LEFT = 5;

/** Between two writings of the status file. */
export const STATUS_FILE_EVERY_MS = 5000;
/** A status file older than this belongs to an agent that hangs. */
export const MAX_STATUS_AGE_MS = 60_000;
/** A status file larger than this is none of ours. */
export const MAX_STATUS_BYTES = 1024 * 1024;
/** Off a terminal, between two lines of JSON. */
export const STATUS_JSON_EVERY_S = 60;

/** A request to the API, which only a start waits for. */
export const API_TIMEOUT_MS = 10_000;
/** Sources that are asked for at a time, the most that the API gives. */
export const SOURCES_PER_PAGE = 100;
/** An organization with more pages of sources than this is not searched to its end. */
export const MAX_SOURCE_PAGES = 100;
/** How long the holder of a checkpoint may take to say its pid. */
export const LOCK_ANSWER_MS = 2000;

/** What dedup has to know so that an alert counts once, however late it is sent again: a week. */
export const DEDUP = { from: "header:idempotency-key", windowSeconds: 604_800 } as const;

/** What systemd waits between SIGTERM and SIGKILL: twice as long as sending what is read may take. */
export const STOP_TIMEOUT_S = 20;
/** Between two starts by systemd. */
export const RESTART_S = 5;
