export const MAX_PORTAL_NAME_CHARS = 100;
export const MAX_DEFINITION_NAME_CHARS = 63;
/** Of a definition as JSON: it is read with each login. */
export const MAX_DEFINITION_BYTES = 64 * 1024;
export const MAX_STEPS = 40;
export const MAX_ORIGINS = 10;
export const MAX_URL_CHARS = 2_000;
export const MAX_SELECTOR_CHARS = 500;
export const MAX_TEXT_CHARS = 1_000;
export const MAX_HEADERS = 30;
export const MAX_VALUES = 20;
export const MAX_RULES = 20;
export const MAX_EXTRA_FIELDS = 20;
export const MAX_SECRET_CHARS = 1_000;
/** A step waits for its element or answer so long. */
export const STEP_TIMEOUT_MS = { default: 20_000, min: 1_000, max: 60_000 };
/** A real cold start of a phone's forwarder took 94 s. */
export const SMS_TIMEOUT_MS = { default: 180_000, min: 180_000, max: 540_000 };
/** Logins that one account may make: more would look like an attack, and lock it. */
export const BUDGET = { perHour: { default: 3, max: 10 }, perDay: { default: 6, max: 48 } };
export const HEALTH_EVERY_SECONDS = { default: 60, min: 10, max: 3_600 };

/** Of an organization: each enabled portal is looked at every minute. */
export const MAX_PORTALS = 100;
/** An organization's own definitions. */
export const MAX_DEFINITIONS = 50;
/** Portals that a 409 names. */
export const MAX_NAMED_PORTALS = 10;
/** Of a definition's pattern, compiled. */
export const MAX_PATTERN_INSTRUCTIONS = 5_000;
/** Pairs that are told of a change, or looked at, at a time. */
export const PAIRS_AT_ONCE = 10;
/** When to ask again for a pair that could not be reached. */
export const PAIR_RETRY_SECONDS = 5;
/** How long one pair may take to be looked at: it may ask its site. And all of them: the job runs each minute. */
export const TICK_LIMITS = { oneMs: 45_000, allMs: 50_000 };
/** Portals that one statement reads. */
export const TICK_PAGE = 500;
/** A stop that was lost is made up for so long; later a disabled portal's pair sleeps in peace. */
export const STOPPED_WINDOW_MS = 24 * 60 * 60 * 1000;
