/** Most events that one ledger looks at: a team's cards have some hundreds of alerts a month. */
export const MAX_LEDGER_EVENTS = 5000;

/** Most bytes of bodies, queries and content types that one ledger reads: a Worker has 128 MB, and hex takes two characters a byte. */
export const MAX_LEDGER_BYTES = 8 * 1024 * 1024;

/** Most bytes, and most events, that are read by one statement. */
export const LEDGER_CHUNK_BYTES = 512 * 1024;
export const LEDGER_CHUNK_EVENTS = 500;

/** Largest body that may hold a message; larger ones are not asked for. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

/** Two alerts of one text within this time may be one payment. */
export const DUPLICATE_WINDOW_MS = 10 * 60 * 1000;

/** Longest `card` filter, in characters. */
export const MAX_CARD_FILTER_CHARS = 100;
