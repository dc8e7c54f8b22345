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
/** A message without blocks; a mark of what is missing still fits under the 4,000 that Slack advises. */
export const MAX_SLACK_TEXT_CHARS = 3900;
/** The notification's text; Slack advises to stay under 4,000. */
export const MAX_SLACK_FALLBACK_CHARS = 3000;

/** Longest message of Discord, counted as UTF-16 units: never more than it counts itself. */
export const MAX_DISCORD_CHARS = 2000;
/** Longest message of Telegram, in UTF-16 units. */
export const MAX_TELEGRAM_CHARS = 4096;

/** Bytes (EUC-KR) of an SMS's text, of an LMS's, and of an LMS's subject. */
export const MAX_SMS_BYTES = 90;
export const MAX_LMS_BYTES = 2000;
export const MAX_LMS_SUBJECT_BYTES = 40;
/** Recipients of one call of SENS, and of one delivery. */
export const MAX_SENS_BATCH = 100;
export const MAX_SENS_RECIPIENTS = 1000;
/** Longest form of SENS v1 that is read. */
export const MAX_SENS_FORM_BYTES = 256 * 1024;
/** Highest daily cap: a slip of the hand must not be one. */
export const MAX_SENS_DAILY_CAP = 1_000_000;
/** A further call of the same try begins only when it has this long: one that is cut off is in doubt. */
export const MIN_SENS_CALL_MS = 3_000;
/** Wait after a call whose end is unknown, so that SENS's list has what it took. */
export const SENS_DOUBT_WAIT_MS = 10_000;
/** How far the clocks of SENS and Baton may differ when one looks for the other's request. */
export const SENS_CLOCK_SLACK_MS = 60_000;
/** Doubtful calls that are closer than this are looked for together. */
export const SENS_WINDOW_GAP_MS = 10 * 60_000;
/** Longest window of SENS's list is 30 days. */
export const MAX_SENS_WINDOW_MS = 30 * 24 * 60 * 60_000;
/** Pages of one list, and bytes of one page, that are read. */
export const MAX_SENS_PAGES = 50;
export const MAX_SENS_LIST_BYTES = 8 * 1024 * 1024;
/** When SENS is asked what became of a message: after its acceptance, and then after each other. Then it is unknown. */
export const SENS_CHECK_WAITS_MS: readonly number[] = [15_000, 60_000, 300_000, 900_000];

/** Longest prefix of an archive's keys, in characters; R2 takes keys of 1,024 bytes. */
export const MAX_ARCHIVE_PREFIX_CHARS = 200;
/** Deadline of writing an archive's object, in milliseconds. */
export const ARCHIVE_TIMEOUT_MS = 15_000;
/** Deadline of publishing on a channel, in milliseconds. */
export const PUBLISH_TIMEOUT_MS = 10_000;

/** Deadline of offering a code to its mailbox, in milliseconds. */
export const OFFER_TIMEOUT_MS = 5_000;

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
