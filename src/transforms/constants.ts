/** Steps of one transform. */
export const MAX_STEPS = 10;
/** Longest JSONata expression and Liquid template, in characters. */
export const MAX_EXPRESSION_CHARS = 16 * 1024;
export const MAX_TEMPLATE_CHARS = 16 * 1024;
/** Longest script, in characters. */
export const MAX_SCRIPT_CHARS = 64 * 1024;
/** Longest transform as JSON text: a source's rules are loaded together, 200 of them must fit in memory. */
export const MAX_TRANSFORM_CHARS = 128 * 1024;
export const MAX_CONTENT_TYPE_CHARS = 200;

/** Largest output of a step, in bytes of UTF-8; an attempt keeps what it sent in its row. */
export const MAX_OUTPUT_BYTES = 256 * 1024;
/** Deepest JSON that a step may give: whoever reads it recurses. */
export const MAX_OUTPUT_DEPTH = 100;

// The clock of a Worker stands still while it computes, so that what runs in our own isolate is bounded by counting.
/** Work of one JSONata step: an evaluated node is 1, long texts and lists count for more. Some 1 s at the very worst. */
export const MAX_EXPRESSION_WORK = 400_000;
/** Nested evaluations: a recursion must end before the stack does. */
export const MAX_EXPRESSION_DEPTH = 500;
/** Longest list that JSONata may build. */
export const MAX_EXPRESSION_ITEMS = 20_000;
/** Largest value that JSONata may hold, in characters and elements: four times the largest body. */
export const MAX_EXPRESSION_SIZE = 4 * 1024 * 1024;
/** Most arguments of a call and longest signature of a function of one's own: the library matches them by backtracking. */
export const MAX_ARGUMENTS = 16;
export const MAX_SIGNATURE_CHARS = 16;
/** Longest text that JSONata divides into characters, as `$length` and `$pad` do: the largest body. */
export const MAX_DIVIDED_CHARS = 1024 * 1024;
/** Longest picture of a number or a time in JSONata. */
export const MAX_PICTURE_CHARS = 200;

export const MAX_REGEX_CHARS = 1000;
/** Instructions of a compiled regex, as in rules. */
export const MAX_REGEX_INSTRUCTIONS = 500;

/** Work of one template: a piece rendered is 4, a name read 1, long texts and lists count for more. */
export const MAX_TEMPLATE_WORK = 400_000;
/** Characters and list elements that one template's filters and ranges may make. */
export const MAX_TEMPLATE_MEMORY = 4 * 1024 * 1024;

/** How long the scripts of one transform may take together, waiting included. */
export const SCRIPT_TIMEOUT_MS = 5_000;
/** How much later the caller gives up than the script's own isolate, which can say more about it. */
export const SCRIPT_GRACE_MS = 500;
/** How long a transform may take at the most, in milliseconds. */
export const MAX_TRANSFORM_MS = SCRIPT_TIMEOUT_MS + SCRIPT_GRACE_MS;
/** CPU time that the platform gives a script; a local session does not enforce it. */
export const SCRIPT_CPU_MS = 1_000;
/** Isolates that were given up after a failure, as far as they are remembered. */
export const MAX_DISCARDED_ISOLATES = 1_000;

/** Longest text of a failure, in UTF-16 units. */
export const MAX_FAILURE_CHARS = 300;
/** Korea has no daylight saving time. */
export const SEOUL_OFFSET_MINUTES = 9 * 60;
/** How long a deleted rule's transform is kept: no delivery outlives its event, nor an event 365 days. */
export const DELETED_TRANSFORM_RETENTION_MS = 366 * 24 * 60 * 60 * 1000;
