/** Largest body of a call: the longest message of version 2 fits, each of its characters escaped. */
export const MAX_CHAT_BODY_BYTES = 128 * 1024;

/** Deepest JSON that a call may send. */
export const MAX_CHAT_JSON_DEPTH = 64;

/** Calls of one user, whatever they ask; a client that polls makes two a minute. */
export const CALL_RATE = { limit: 600, windowMs: 60_000 } as const;

/** How long a browser need not ask again whether a page of another origin may call. */
export const PREFLIGHT_SECONDS = 600;

/** Where the reference client's developers run their page; good in a local session only. */
export const DEVELOPMENT_ORIGIN = "http://localhost:4200";

/** Messages of a page, where version 2 does not say how many. */
export const DEFAULT_LIMIT = 50;

/** Furthest page of version 1: it reads past all before it. Version 2 pages by ids. */
export const MAX_OFFSET = 100_000;

/** What version 1, which knows no deletion, shows in the place of a deleted message. */
export const DELETED_TEXT = "(deleted)";
