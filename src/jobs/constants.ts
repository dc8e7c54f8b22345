/** How long strays are kept. */
export const STRAY_RETENTION_MS = 7 * 24 * 60 * 60 * 1000;

/** How long queue messages that were no task are kept. */
export const MALFORMED_TASK_RETENTION_MS = 30 * 24 * 60 * 60 * 1000;

/** Most strays that one run deletes: a long delete would hold up every insert. */
export const MAX_PRUNED_ROWS = 5000;

/** Ranges of `MAX_PRUNED_ROWS` dedup keys that one run looks through: 100,000 keys, hourly. */
export const MAX_DEDUP_KEY_RANGES = 20;

/** How long alerts are kept. */
export const ALERT_RETENTION_MS = 90 * 24 * 60 * 60 * 1000;

/** How long the daily counts of blocked senders' requests are kept. */
export const SENDER_REFUSAL_RETENTION_MS = 30 * 24 * 60 * 60 * 1000;
/** How long it is kept how much a destination with a daily cap has sent. */
export const CAP_RETENTION_MS = 3 * 24 * 60 * 60 * 1000;
