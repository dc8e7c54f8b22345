/** Most calls in flight to one destination, in one batch. */
export const MAX_IN_FLIGHT_PER_DESTINATION = 2;

/** Most calls in flight in one batch: a Worker has 6 connections, one is left for the platform's own. */
export const MAX_IN_FLIGHT = 5;

/** How much longer than its time-out a claim holds: time to write the outcome. */
export const LEASE_MARGIN_MS = 30_000;

/** A batch in which a call has been silent this long no longer holds its queue up: it goes on beside the next one. */
export const STALL_MS = 200;

/**
 * Most batches of one queue that may go on so in one isolate; the next one waits until one of them has ended. Each may
 * have 10 bodies in memory. Enough that a destination is known as silent before it has held up so many.
 */
export const MAX_RELEASED_BATCHES = { events: 12, deliveries: 6 };

/**
 * Longest time that a batch may go on after it was released: the platform ends what a call leaves in `waitUntil` after
 * 30 s. A call that could not end by then is not begun, and one with a longer time-out holds its batch.
 */
export const MAX_AFTER_RELEASE_MS = 25_000;

/** A call that is silent this long counts as stalled; below it a receiver is slow, and well. */
export const SILENCE_MS = 2_000;

/** Calls in a row that stalled or had no answer, after which a destination counts as silent: fresh deliveries go by the retry queue. */
export const SILENT_CALLS = 4;
/** Calls in a row without an answer or with a 5xx after which a destination counts as out of order. */
export const FAILED_CALLS = 10;
/** For how long after its latest failure a destination counts as either. */
export const UNWELL_FOR_MS = 60_000;

/**
 * For the first ten minutes of an outage retries are set back untried, this long each time, but for a probe: it must not
 * use the schedule up.
 */
export const REST_FOR_MS = 10 * 60_000;
export const SHORTEST_REST_MS = 5_000;
export const LONGEST_REST_MS = 30_000;
export const PROBE_MS = 2_000;

/** Most destinations out of order that an isolate remembers. */
export const MAX_KNOWN_UNWELL = 1000;

/** Most deliveries that one batch of events attempts itself; further ones go to the retry queue. */
export const MAX_BORN_CLAIMED = 50;

/** Wait before a delivery that was set back untried, because a neighbour in its batch timed out. */
export const SET_BACK_MS = 5_000;

/** Shortest wait before a further try, in seconds. */
export const MIN_RETRY_WAIT_SECONDS = 2;

/** Longest delay that a queue message can have, in seconds; longer waits are the sweep's. */
export const MAX_QUEUE_DELAY_SECONDS = 86_400;

/** Tries that do not count (a vendor's 429, an interrupted try) end here: a delivery must end some time. */
export const MAX_UNCOUNTED_TRIES = 100;

/** How often a task whose event is not there yet comes back, and how long it waits each time. */
export const MAX_MISSING_EVENT_TRIES = 3;
export const MISSING_EVENT_WAIT_SECONDS = 5;

/** A task may come this much before its time and still count as due. */
export const EARLY_TASK_SLACK_MS = 500;

/**
 * How long (ms) an offer of an SMS to its mailbox may take, and how often it is made at once. A task whose mailbox could
 * not be reached comes back so often, after so long: by then the login that wanted the code has given up.
 */
export const CODE_OFFER_TIMEOUT_MS = 2_000;
export const CODE_OFFERS_AT_ONCE = 2;
export const MAX_CODE_OFFER_TRIES = 15;
export const CODE_OFFER_WAIT_SECONDS = 5;

/** Rows appear in the order of their ids but for statements under way; D1 ends those after 30 s. */
export const SETTLE_MS = 5 * 60_000;

/** Most rows of one kind that one sweep of one shard handles. */
export const MAX_SWEPT_ROWS = 1000;

/** Most messages of one `sendBatch`. */
export const MAX_QUEUE_BATCH = 100;

/** Longest text that is kept of a queue message that is no task. */
export const MAX_MALFORMED_TASK_CHARS = 4096;

/** Most attempts of a delivery that one answer shows, and how many of them with bodies. */
export const MAX_SHOWN_ATTEMPTS = 100;
export const MAX_ATTEMPTS_WITH_BODIES = 20;

/** Most bytes of a body that an attempt's answer shows; the whole event body has its own route. */
export const MAX_SHOWN_BODY_BYTES = 256 * 1024;

/** Wait before a batch that failed as a whole comes again. */
export const BATCH_RETRY_SECONDS = 5;

/** Most deliveries of one shard that are looked at to group the failed ones. */
export const MAX_GROUPED_DELIVERIES = 20_000;

/** Receipts of one shard that one run of the job asks about, and how long a run asks. */
export const MAX_POLLED_RECEIPTS = 100;
export const MAX_POLL_MS = 25_000;
/** Receipts asked about at a time, one of each destination: one whose service is silent holds up no other's. */
export const MAX_POLLS_IN_FLIGHT = 4;
/** Wait before a receipt is asked about again whose asking failed by our own fault. */
export const UNPOLLED_WAIT_MS = 5 * 60_000;

/** How much older than a doubtful call a delivery may be that has made the same one. */
export const MAX_RIVAL_AGE_MS = 2 * 24 * 60 * 60_000;

/** How long a listener's call may take unless it says otherwise, and at the most: somebody may sit in a debugger. */
export const DEFAULT_LISTEN_TIMEOUT_MS = 15_000;
export const MAX_LISTEN_TIMEOUT_MS = 10 * 60_000;

/** What a listener may say of a call: a URL with a long captured query, a line about what went wrong. */
export const MAX_LISTEN_URL_CHARS = 32 * 1024;
export const MAX_DETAIL_CHARS = 500;
/** Headers and characters of an answer that are read; less of it is kept, as of every answer. */
export const MAX_ANSWER_HEADERS = 1000;
export const MAX_ANSWER_CHARS = 1024 * 1024;
