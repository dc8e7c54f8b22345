/** Bounds of `rate.perSecond`: a gate is one object, which takes about 1,000 calls a second; a delivery makes two. */
export const MIN_PER_SECOND = 0.1;
export const MAX_PER_SECOND = 500;
/** Most calls at a time that a `rate` can allow. */
export const MAX_CONCURRENCY = 1000;

/** A breaker's bounds and defaults: failures in a row that open it, and how long it stays open. */
export const MAX_BREAKER_FAILURES = 1000;
export const DEFAULT_BREAKER_FAILURES = 5;
export const MAX_COOLDOWN_SECONDS = 24 * 60 * 60;
export const DEFAULT_COOLDOWN_SECONDS = 60;

/** The breaker of a gate without one of its own, and for how long it holds at most. */
export const MILD_BREAKER = { failures: 10, cooldownSeconds: 2 };
export const MAX_MILD_SECONDS = 10 * 60;

/**
 * A second's permits are spread over this much more than a second. The way to the receiver takes now more, now less
 * time: as long as it varies by no more than this, no sliding second at the receiver has too many calls.
 */
export const RATE_MARGIN_MS = 100;

/** Head start of a permit with a rate: the claim is written meanwhile, and the call goes exactly in time. */
export const PERMIT_LEAD_MS = 100;

/** Longest wait for a permit in the consumer; longer ones go through the due time in D1 and the queue. */
export const MAX_INLINE_WAIT_MS = 1_500;

/** A call that would go this much later than its permit asks for another one. */
export const MAX_PERMIT_DELAY_MS = 30;

/** Most calls a second after a breaker has closed when the destination has no `perSecond`, until its backlog is through. */
export const DRAIN_PER_SECOND = 20;

/** How long the drain goes on after the backlog's last slot: queues are late by seconds. */
export const DRAIN_TAIL_MS = 5_000;

/** When those who came during a probe come again. */
export const PROBE_WAIT_MS = 2_000;

/** A parked delivery's due time in D1: when everything else fails, the sweep brings it back. */
export const PARKED_MS = 15 * 60_000;

/** The object looks after its waiting rows this often while it has any. */
export const TICK_MS = 30_000;

/** How long a row may be silent after it was expected before its delivery is looked at. */
export const OVERDUE_MS = 60_000;

/** Most tasks that one look sends. */
export const MAX_TASKS = 100;

/** An order key is kept up to this length; a longer one is kept as its hash. */
export const MAX_KEY_CHARS = 200;

/** How far back an event that is not routed yet holds up later ones of its source; then order gives way to progress. */
export const ORDER_LOOKBACK_MS = 3 * 60_000;

/** Wait of a delivery before which an earlier event is not routed yet. */
export const UNROUTED_WAIT_MS = 1_000;
