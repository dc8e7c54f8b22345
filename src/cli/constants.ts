/** A call of the API; nothing there takes long, a test of a destination at most its 30 s. */
export const API_TIMEOUT_MS = 45_000;
/** A body of 25 MiB over a slow line. */
export const BODY_TIMEOUT_MS = 300_000;
/** What completion waits for names: a shell stands still meanwhile. */
export const COMPLETION_TIMEOUT_MS = 1_500;

/** Rows of a list when neither `--limit` nor `--all` is given. */
export const DEFAULT_LIST_LIMIT = 50;
/** The API's largest page. */
export const MAX_PAGE_SIZE = 100;

/** Between two looks at something we wait for. */
export const POLL_MS = 250;
/** `send --wait` without `--timeout`. */
export const DEFAULT_WAIT_SECONDS = 30;

/** A cell of a table; longer text is cut, and `--json` has all of it. */
export const MAX_CELL_CHARS = 80;
/** An error's text from a server. */
export const MAX_ERROR_CHARS = 600;
/** Off a terminal progress is a line now and then, not a line that changes. */
export const PROGRESS_EVERY_ROWS = 1_000;

export const DEFAULT_RECEIVER_PORT = 8788;
/** Where `stats` begins when it is not told. */
export const STATS_WINDOW_MS = 24 * 60 * 60 * 1000;

/** Before each further try of a request whose answer was lost: a server that starts again is there soon. */
export const ASK_AGAIN_AFTER_MS = [200, 1_000, 3_000] as const;
/** What `fetch` says when a connection ended after the request was on its way. */
export const ANSWER_LOST: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_SOCKET",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);
/** What `fetch` says of a request that it does not even begin to send. */
export const CANNOT_BE_SENT: ReadonlySet<string> = new Set([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
]);
/** Of stdin or a file: more than any request may have, so that the server's own limit is what speaks. */
export const MAX_INPUT_BYTES = 32 * 1024 * 1024;
