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
/** Entries that a participant is told at once though they may have them: who races with others then needs no second read. */
export const PUSH_WINDOW = 20;
/** Publishes to one participant's channel in one go; one who lacks more is told the rest by the job. */
export const MAX_PUSH_ROUNDS = 50;
/** Channels that are told at a time. */
export const CHANNELS_AT_ONCE = 6;
/** A channel that does not answer for so long is left to the job. */
export const CHANNEL_TIMEOUT_MS = 10_000;
/** How long a sender who was told, or a reader, waits for the others being told. */
export const ACK_WITHIN_MS = 1_000;
/** Conversations that the job looks after at a time. */
export const UNPUSHED_AT_ONCE = 4;
/** In larger groups nobody is told who reads and who types. */
export const MAX_TOLD_OF_HINTS = 50;
/** Whom one user may block. */
export const MAX_BLOCKS = 1_000;
/** Notices of one message. */
export const MAX_NOTICES = 100;
/** No notice is made of a message that is older when its recipient is told. */
export const MAX_NOTICE_AGE_MS = 60 * 60 * 1000;
/** Within this time there is one notice of a message for each recipient. */
export const NOTICE_WINDOW_MS = 24 * 60 * 60 * 1000;
