/** A code is good for so long, and no longer. */
export const CODE_TTL_MS = 180_000;
export const CODE_DIGITS = 6;
/** The third wrong code ends the login. */
export const MAX_WRONG_CODES = 3;
export const RESEND_EVERY_MS = 60_000;
/** A rotated cookie's former value is still taken, for requests that were under way. */
export const ROTATION_GRACE_MS = 10_000;
/** A login that nobody goes on with is forgotten. */
export const LOGIN_TTL_MS = 30 * 60_000;
export const PARTNERS = 58;
export const MAX_PAGE_SIZE = 100;
export const DEFAULT_PAGE_SIZE = 20;
export const MAX_BODY_BYTES = 64 * 1024;
/** What is remembered one by one; beyond it there are the counts. */
export const MAX_RECORD = 50_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export const COOKIES = {
  /** Of a browser that is not logged in yet. */
  login: "PORTAL_LOGIN",
  session: "PORTAL_SESSION",
  /** Readable by scripts: requests send it as a header. */
  center: "center_id",
  device: "PORTAL_DEVICE",
} as const;

/** The account that a site has when it is given no other. */
export const ACCOUNT = {
  username: "partner-demo",
  password: "correct-horse-7",
  phone: "010-5555-0100",
} as const;

/** Number that the site's SMS come from. */
export const SMS_SENDER = "15440000";
