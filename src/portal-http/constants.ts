/** Redirects that one request follows; browsers stop at 20, a portal that needs more than this goes in circles. */
export const MAX_REDIRECTS = 10;
/** Largest answer that is handed on, unpacked: a Worker has 128 MB for everything it does. */
export const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

/** Browsers' own limits of cookies: characters of name and value, cookies of a site, and days that one is kept. */
export const MAX_COOKIE_CHARS = 4_096;
export const MAX_COOKIES_PER_SITE = 180;
export const MAX_COOKIE_DAYS = 400;

/** How much of a page is looked through for its charset; browsers look as far. */
export const CHARSET_SEARCH_BYTES = 1_024;
