/** How long a request waits for a session that is being made. */
export const WAIT_MS = { default: 30_000, max: 60_000 };
export const MAX_REQUEST_HEADERS = 50;
export const MAX_HEADER_CHARS = 8_192;
export const MAX_REQUEST_URL_CHARS = 8_192;
/** As the body of an `Idempotency-Key` header may be. */
export const MAX_REQUEST_KEY_CHARS = 255;
