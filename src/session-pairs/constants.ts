const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A second login so soon after the first would look like a fault of the site's own. */
export const BACKUP_DELAY_MS = 30 * SECOND_MS;
/** The mailbox tells when a code is there; a word that was lost is made good by looking so often. */
export const MAILBOX_LOOK_MS = 20 * SECOND_MS;
/** Another SMS is asked for when none came for so long, */
export const RESEND_AFTER_MS = 75 * SECOND_MS;
/** never sooner than this after the one before: sites lock out who asks faster, */
export const RESEND_GAP_MS = 60 * SECOND_MS;
/** and so often in a login. */
export const MAX_RESENDS = 2;
/** The first code and one fresh one. */
export const MAX_CODES = 2;
/** What a login may take beside its wait for the SMS; a phone is kept for it so long. */
export const LOGIN_MARGIN_MS = 6 * MINUTE_MS;

/** Pauses after logins that failed: doubled each time, and spread by a fifth either way. */
export const PAUSE_MS = { first: 30 * SECOND_MS, max: HOUR_MS, spread: 0.2 };
/** A login that is being run is looked after so often: who runs it may be stopped. */
export const WATCH_MS = MINUTE_MS;
/** A mailbox or database that cannot be reached is asked again after it. */
export const OUTAGE_PAUSE_MS = 20 * SECOND_MS;
/** Logins of the day that those made ahead of need leave for the case that no session is left. */
export const RESERVED_LOGINS = 1;

/** An unsafe request that cannot be repeated trusts a session that was seen alive so lately. */
export const FRESH_EVIDENCE_MS = 2 * SECOND_MS;
/** The first try, one on the backup, and one on a session that was made while the request waited. */
export const MAX_TRIES = 3;
export const PROBE_TIMEOUT_MS = 10 * SECOND_MS;
export const REQUEST_TIMEOUT_MS = 30 * SECOND_MS;
export const LOGOUT_TIMEOUT_MS = 5 * SECOND_MS;
/** A caller's wait for a session. */
export const MAX_WAIT_MS = 2 * MINUTE_MS;
/** Said when nobody can tell when it gets better. */
export const RETRY_AFTER_MS = { login: 10 * SECOND_MS, site: SECOND_MS, hold: 5 * MINUTE_MS };

/** Part of a session's life after which the backup is refreshed, when both sessions would end near each other, */
export const REFRESH_AT = 0.6;
/** that is, within this part of a life. */
export const MIN_PHASE = 0.3;
/** Roles are swapped so long before the primary's session is expected to end: a part of its life, at most. */
export const SWAP_MARGIN = { part: 0.05, maxMs: 5 * MINUTE_MS };
/** An end that moves by less is not written down anew. */
export const EXPIRY_STEP_MS = MINUTE_MS;
/** Lives that are learned from; fewer than `min` say nothing. */
export const LEARNED_LIVES = { max: 20, min: 5, quantile: 0.1 };
/** What ends sooner is a token that the site renews, or bad luck: nobody logs in for it ahead of need. */
export const MIN_LIFE_MS = 10 * MINUTE_MS;

export const MAX_SNAPSHOT_BYTES = 1024 * 1024;
export const MAX_EVIDENCE = 10;
export const MAX_SCREENSHOT_BYTES = 256 * 1024;
export const AUDIT = { maxEntries: 10_000, maxAgeMs: 90 * DAY_MS, pageMax: 200 };
/** Durations that the quantiles of the metrics are made from. */
export const MAX_SAMPLES = 200;
