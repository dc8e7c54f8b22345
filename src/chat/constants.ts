/** Longest message, in characters (UTF-16 units, as the clients count). */
export const MAX_CONTENT_CHARS = { 1: 1_000, 2: 10_000 } as const;
/** Longest `tempMessageId`, as JSON. */
export const MAX_TEMP_ID_CHARS = 200;
/** Longest id of a user. */
export const MAX_USER_ID_CHARS = 128;
export const MAX_TITLE_CHARS = 300;
/** Of a group, its maker included: each is told of each message. */
export const MAX_PARTICIPANTS = 100;
/** Entries that a participant's channel is told at once when it has missed some. */
export const PUSH_PAGE = 100;
/** Conversations that one run of the job looks after. */
export const UNPUSHED_PAGE = 200;
/** A conversation whose participants were not told for so long is looked after. */
export const UNPUSHED_AFTER_MS = 10_000;
/** Largest page of a list. */
export const MAX_LIMIT = 100;
/** Unread messages are counted so far. */
export const MAX_UNREAD = 100;
/** Conversations of a list that nobody has set a limit for. */
export const MAX_CONVERSATIONS = 1_000;
