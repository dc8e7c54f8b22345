/** Deadline of an `http` call unless its config says otherwise: headers and the whole answer together. */
export const DEFAULT_TIMEOUT_MS = 15_000;
export const MIN_TIMEOUT_MS = 1_000;
/** Longer than this and a dead receiver would hold one of a Worker's six connections too long. */
export const MAX_TIMEOUT_MS = 30_000;

/** A messaging service answers within a second or not at all. */
export const MESSAGING_TIMEOUT_MS = 15_000;

/** How much of an answer is kept. What comes after it is not read. */
export const MAX_STORED_RESPONSE_BYTES = 256 * 1024;
/** How much of an answer's headers is kept, names and values together. */
export const MAX_STORED_HEADERS = 100;
export const MAX_STORED_HEADER_CHARS = 32 * 1024;

/** Longest wait that a receiver can ask for: Standard Webhooks says to obey, a day is the bound. */
export const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/** A schedule's own limits: 100 tries, 30 days between two. */
export const MAX_TRIES = 100;
export const MAX_WAIT_SECONDS = 30 * 24 * 60 * 60;

export const MAX_NAME_CHARS = 100;
export const MAX_URL_CHARS = 4096;
export const MAX_CONFIG_HEADERS = 50;
export const MAX_HEADER_VALUE_CHARS = 8192;

/** Signing keys at a time: a rotation needs two. */
export const MAX_SIGNING_SECRETS = 5;
/** Standard Webhooks' bounds of an HMAC key. */
export const MIN_SECRET_BYTES = 24;
export const MAX_SECRET_BYTES = 64;

/** Slack's limits: blocks of a message, characters of a text, of a header, of all texts together. */
export const MAX_SLACK_SECTION_CHARS = 3000;
export const MAX_SLACK_HEADER_CHARS = 150;
/** Four full sections; with header and context it stays under the 13,000 that Slack takes in all. */
export const MAX_SLACK_SECTIONS = 4;
/** Blocks of a message. */
export const MAX_SLACK_BLOCKS = 50;
/** Longest line that says who sent a message: a sender's name has at most 200 characters. */
export const MAX_SLACK_SENDER_CHARS = 300;
/** The notification's text; Slack advises to stay under 4,000. */
export const MAX_SLACK_FALLBACK_CHARS = 3000;

/** Longest message of Discord, counted as UTF-16 units: never more than it counts itself. */
export const MAX_DISCORD_CHARS = 2000;
/** Longest message of Telegram, in UTF-16 units. */
export const MAX_TELEGRAM_CHARS = 4096;

/** How much of a streamed body is read to show it as a message. */
export const MAX_SHOWN_BODY_BYTES = 64 * 1024;

/** Waiting deliveries that one statement ends: far below the time that D1 gives a statement. */
export const FAIL_WAITING_CHUNK = 1000;

/** Rules that a 409 names; the rest is counted. */
export const MAX_NAMED_RULES = 20;

/** How long a call or a save waits for the lookup of a name, which is advice. */
export const DOH_TIMEOUT_MS = 2000;
/** How long an isolate remembers what a name leads to, and that the resolver did not say. */
export const LOOKUP_CACHE_MS = 10 * 60_000;
export const UNANSWERED_CACHE_MS = 30_000;
/** Most names an isolate remembers. */
export const MAX_CACHED_LOOKUPS = 1000;
/** Most of a resolver's answer that is read. */
export const MAX_DOH_ANSWER_BYTES = 64 * 1024;

/** Larger bodies that ed25519 signs are in memory one at a time: an isolate has 128 MB for everything. */
export const MAX_SHARED_BODY_BYTES = 1024 * 1024;
/** How often a call looks whether it is its turn. */
export const MEMORY_LOOK_MS = 50;
