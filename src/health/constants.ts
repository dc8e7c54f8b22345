/** An event that waits for its rules longer than this is a fault; one under the second time is none any more. */
export const QUEUE_FAILING_MS = 5 * 60_000;
export const QUEUE_RECOVERED_MS = 60_000;

/** A delivery this far past its time is a fault; from the second time on it counts as none any more. */
export const OVERDUE_FAILING_MS = 5 * 60_000;
export const OVERDUE_RECOVERED_MS = 60_000;

/** A destination only fails when its latest tries, this many, all failed. */
export const FAILING_TRIES = 5;

/** It works again when as many have succeeded, or when its last failure is this old and its latest try succeeded. */
export const RECOVERED_AFTER_MS = 10 * 60_000;

/** Fresh deliveries are looked at this far back; those that wait for a retry whatever their age. */
export const TRIES_WINDOW_MS = 60 * 60_000;

/** Most deliveries of each kind that one run reads in one shard. */
export const MAX_READ_TRIES = 5000;

/** Longest wait for one database. */
export const CHECK_TIMEOUT_MS = 10_000;

/** Most changes that are written in one batch: two statements each. */
export const MAX_CHANGES_IN_BATCH = 40;

/** Alerts that one run sends, and how many at a time: a Worker has 6 connections. */
export const MAX_SENT_ALERTS = 20;
export const ALERTS_IN_FLIGHT = 4;

/** Alerts of one organization that one run sends: many of one do not hold up the others'. */
export const MAX_SENT_OF_ORGANIZATION = 4;

/** How much longer than the call's deadline an alert keeps the permit of a gate when it is not returned. */
export const ALERT_LEASE_MARGIN_MS = 15_000;

/** First wait before an alert is sent again; it doubles up to an hour, and ends after a day. */
export const ALERT_RETRY_MS = 60_000;
export const MAX_ALERT_RETRY_MS = 60 * 60_000;
export const ALERT_LIFETIME_MS = 24 * 60 * 60_000;
