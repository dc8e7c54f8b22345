/** Of one frame, in UTF-8. */
export const MAX_FRAME_BYTES = 32 * 1024;
/** Deepest JSON that a frame may hold. */
export const MAX_FRAME_DEPTH = 16;
/** Longest id of a conversation or message that is looked up. */
export const MAX_ID_CHARS = 100;

/** How often clients of version 2 say that they are there. */
export const HEARTBEAT_MS = 30_000;
/**
 * A connection that nothing is heard of for so long is closed: its client may be gone without a word, and counts as here
 * until then. Version 1 says something every 5 minutes; browsers let a hidden page of version 2 say something every
 * minute.
 */
export const IDLE_MS = { 1: 10 * 60_000, 2: 90_000 } as const;
/** Presence clients say something every minute. */
export const PRESENCE_IDLE_MS = 180_000;
/** Longest life of a connection. */
export const MAX_LIFE_MS = 2 * 60 * 60_000;
/** How long after that a topic closes its socket, should nobody have done so. */
export const TOPIC_GRACE_MS = 60_000;
/** Connections of a user; another one closes the oldest. */
export const MAX_CONNECTIONS = 20;

/** Frames of a connection that may come at once, and how many more each second. */
export const FRAME_BUCKET = { size: 200, perSecond: 50 } as const;
/** Refused frames in a row after which a connection is closed. */
export const MAX_REFUSED_FRAMES = 500;
/** Frames of a connection that may wait for the ones before them. */
export const MAX_WAITING_FRAMES = 100;
/** What a user may send, edit and delete on all connections together. */
export const SEND_RATE = { limit: 200, windowMs: 10_000 } as const;
/** A frame that takes longer is answered as failed, and the next one has its turn. */
export const FRAME_TIMEOUT_MS = 25_000;

/**
 * What a connection may ask of databases and objects before it is closed with `renew`: the platform allows 10,000 calls
 * for one request, and a connection is one request. What a frame asks of databases is not counted but supposed.
 */
export const MAX_CALLS = 7_500;
export const DATABASE_CALLS_A_FRAME = 4;

/** What a client is sent since it was last heard of before its channel has to wait with more. */
export const MAX_UNHEARD_CHARS = 2 * 1024 * 1024;
/** Messages that a connection remembers, so that none is shown twice. */
export const REMEMBERED_MESSAGES = 200;
/** Messages of which there are notices when it turns out that nobody has got them. */
export const UNHEARD_MESSAGES = 20;

/** When a lost channel is tried again; each time twice as late. */
export const REOPEN_MS = 500;
export const MAX_REOPEN_MS = 20_000;

/** Of one kind of hint (typing in a conversation, the page that is looked at): one within this time, the last one wins. */
export const HINT_EVERY_MS = 1_000;
/** Conversations in which a user who goes is said to type no more. */
export const MAX_TYPING_IN = 20;
