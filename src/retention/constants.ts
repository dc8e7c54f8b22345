export const DAY_MS = 24 * 60 * 60 * 1000;

/** Events that are looked at, and deleted, by one batch of statements: D1 gives a statement 30 s. */
export const PRUNE_CHUNK_EVENTS = 500;

/**
 * Statements that one run makes for events, all databases together; D1 allows an invocation 1,000. With what else
 * `prune` does, about 80 for each database, a run of up to three databases stays below 700.
 */
export const MAX_EVENT_STATEMENTS = 440;

/** Most statements of one chunk: read, ask for the retention, delete (4), move the watermark (3). */
export const CHUNK_STATEMENTS = 9;

/** How long one run deletes events, all databases together, in milliseconds. */
export const PRUNE_BUDGET_MS = 60_000;

/** Most postponed events that one run looks at in one shard. */
export const MAX_POSTPONED_EVENTS = 1000;

/** Bodies of one listing; R2 lists and deletes 1,000 at most. */
export const LISTED_BODIES = 1000;

/** Most listings of one run. */
export const MAX_BODY_LISTINGS = 10;

/** How much later than its body's day an event can be: an upload that takes over midnight, and a wide margin. */
export const BODY_DAY_SLACK_MS = 2 * DAY_MS;
