/** How long strays are kept. */
export const STRAY_RETENTION_MS = 7 * 24 * 60 * 60 * 1000;

/** How long queue messages that were no task are kept. */
export const MALFORMED_TASK_RETENTION_MS = 30 * 24 * 60 * 60 * 1000;

/** Most strays that one run deletes: a long delete would hold up every insert. */
export const MAX_PRUNED_ROWS = 5000;
