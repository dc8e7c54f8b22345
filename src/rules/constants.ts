/** Rules of one source: all of them are tried on every event. */
export const MAX_RULES_PER_SOURCE = 200;
export const MAX_RULE_NAME_CHARS = 100;
export const MAX_RULE_ORDER = 1_000_000;

/** Longest match as JSON text: a source's rules are loaded together, 200 of them must fit in memory. */
export const MAX_MATCH_CHARS = 32 * 1024;
/** Nested `$and`, `$or` and `$not`: deeper is a mistake, and recursion needs an end. */
export const MAX_CONDITION_DEPTH = 16;
/** Conditions in one of `json`, `query` and `headers`. */
export const MAX_CONDITIONS = 200;
/** Nested lists and objects in a value that is compared. */
export const MAX_VALUE_DEPTH = 32;
/** Values in one `$in` or `$nin`. */
export const MAX_LISTED_VALUES = 500;
export const MAX_FIELD_CHARS = 500;
export const MAX_METHODS = 20;
export const MAX_GLOB_CHARS = 500;

export const MAX_REGEX_CHARS = 1000;
/** Instructions of a compiled regex. Time is text × instructions: 500 over 1 MiB is some 4 s at the very worst. */
export const MAX_REGEX_INSTRUCTIONS = 500;
/** Regexes in one of `json`, `query` and `headers`. */
export const MAX_REGEXES = 20;

/** Largest body that `json` and `text` look into. */
export const MAX_MATCHED_BODY_BYTES = 1024 * 1024;
/** Deepest body that `json` looks into: recursion over it must stay far from the stack's end. */
export const MAX_MATCHED_JSON_DEPTH = 512;

/** Longest `expected` and `actual` of a trace, in UTF-16 units. */
export const MAX_TRACE_VALUE_CHARS = 200;
/** Most of a body that a rule test shows, in bytes. */
export const MAX_TEST_OUTPUT_BYTES = 1024 * 1024;
export const MAX_TEST_HEADERS = 200;
/** Longest path or raw query of a test event. */
export const MAX_TEST_URL_CHARS = 16 * 1024;
