/** Accounts that are listed; the newest ones. */
export const MAX_LISTED_ACCOUNTS = 100;
/** Conversations of an account that are listed; those seen last. */
export const MAX_LISTED_CONVERSATIONS = 200;
/** Failed answers that are listed; the newest ones. */
export const MAX_FAILED_MESSAGES = 50;
/** Channels whose open streams the overview counts: each is a call of an object. */
export const MAX_COUNTED_CHANNELS = 32;
/** How long an object may take to say how many streams it has. */
export const MAX_COUNT_MS = 2000;
/** Bounds of `limit`, and what counts without one or with one that is none. */
export const MAX_LIMIT = 100;
export const DEFAULT_MESSAGES = 20;
export const DEFAULT_SESSIONS = 50;
/** Days begin on the clock of KakaoTalk's users. */
export const DAY_MS = 24 * 60 * 60 * 1000;
