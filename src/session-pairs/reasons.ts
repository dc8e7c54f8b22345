/**
 * Why a login did not come to its end: a closed list.
 *
 * `next`: `human`: nobody logs in again before a person has looked (`resume`); `later`: it is tried again by itself,
 * after a pause that grows, within the budget, or when that allows it; `locked`: as `human`, and the site itself has said that the account is shut.
 */
export const REASONS = {
  wrong_password: { next: "human", text: "the site refused the user name or the password" },
  account_locked: { next: "locked", text: "the site says that the account is locked" },
  captcha: { next: "human", text: "the site shows a captcha" },
  login_refused: { next: "human", text: "the site refused the login in words of its own" },
  code_rejected: { next: "human", text: "the site refused two codes" },
  code_missing: { next: "human", text: "no SMS with a code came in time" },
  form_changed: { next: "human", text: "an element of the login form is not there any more" },
  origin_left: { next: "human", text: "the login led to an origin that the portal does not allow" },
  not_logged_in: {
    next: "human",
    text: "the login came to its end, and the site shows no logged-in page",
  },
  value_missing: { next: "human", text: "a value that requests need was not found in the session" },
  snapshot_too_large: {
    next: "human",
    text: "the session's cookies and storage are larger than can be kept",
  },
  credentials_missing: {
    next: "human",
    text: "no user name and password are set, or only for other origins than the portal now has",
  },
  credentials_unreadable: {
    next: "human",
    text: "the credentials were sealed with a master key that is lost",
  },
  definition_missing: { next: "human", text: "the portal's definition cannot be used" },
  budget_exhausted: {
    next: "later",
    text: "the login budget of the day is spent, and no session is left",
  },
  site_unavailable: { next: "later", text: "the site did not answer, or answered with an error" },
  site_busy: { next: "later", text: "the site asks to come again later" },
  browser_unavailable: { next: "later", text: "no browser could be started" },
  browser_died: { next: "later", text: "the browser was gone in the middle of the login" },
  page_hung: { next: "later", text: "the page did not come to an end in time" },
  interrupted: { next: "later", text: "the Worker was stopped in the middle of the login" },
} as const satisfies Record<string, { next: "human" | "later" | "locked"; text: string }>;

export type Reason = keyof typeof REASONS;
export const REASON_NAMES = Object.keys(REASONS) as [Reason, ...Reason[]];
