/** An SMS may be stamped this much before its challenge: two machines' clocks differ. */
export const CLOCK_SKEW_MS = 1_000;

/** How long an SMS's text is kept (ms). Sites let codes run out earlier. */
export const TEXT_AGE_MS = 10 * 60_000;
/** How long it stands that an SMS was there, with the hash of its code (ms). */
export const TRACE_AGE_MS = 20 * 60_000;

/** Most SMS that a mailbox keeps the texts of, and characters of each. A phone gets a few in ten minutes. */
export const MAX_KEPT_TEXTS = 30;
export const MAX_TEXT_CHARS = 2_000;
export const MAX_SENDER_CHARS = 40;
/** Most traces of SMS that were there; those of codes that were handed out come on top. */
export const MAX_TRACES = 200;
/** How long (ms) a code that was handed out or burnt is known again: a phone may forward an old SMS hours later. */
export const USED_AGE_MS = 24 * 60 * 60_000;
/** Most of them: far more than all logins of a day can use. */
export const MAX_USED_CODES = 500;
/** How long (ms) another portal waits after a login that left without its SMS: nobody could tell whose that is. */
export const LATE_SMS_MS = 60_000;
/** Longest event id that is kept. */
export const MAX_EVENT_ID_CHARS = 100;

/** Longest time (ms) that one login may have a phone to itself. */
export const MAX_LOGIN_MS = 15 * 60_000;
/** Who may not log in yet asks again after this long (ms) at the latest: the other login may have ended early. */
export const ASK_AGAIN_MS = 15_000;

/** Limits of a portal's pattern, in characters and instructions, and of the code that it finds. */
export const MAX_PATTERN_CHARS = 500;
export const MAX_PATTERN_INSTRUCTIONS = 2_000;
export const MAX_CODE_CHARS = 20;

/** How long (ms) an offer waits until the portal has heard of it. It looks by itself too. */
export const WAKE_TIMEOUT_MS = 1_000;
/** An alarm is never sooner than this (ms). */
export const MIN_ALARM_MS = 1_000;
