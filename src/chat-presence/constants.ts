/** Friends of a user: those whose conversations are the newest. */
export const MAX_FRIENDS = 200;
/** Conversations of a user in which friends are looked for. */
export const FRIENDS_IN_CONVERSATIONS = 500;
/** Objects that are asked or told at a time. */
export const AT_ONCE = 50;
/** Whoever is here was seen when their connection began: that is no longer ago than a connection lives. */
export const SEEN_WITHIN_MS = 2 * 60 * 60_000 + 10 * 60_000;
/** Of two connections that begin within this time, each may have taken the other for the earlier one. */
export const SAME_MOMENT_MS = 10_000;
/** A page that is loaded anew, or a network that changes, is no going. */
export const DEPARTURE_GRACE_MS = 2_000;
