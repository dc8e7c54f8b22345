/** Cookie that remembers the page's language. */
export const LANGUAGE_COOKIE = "baton_lang";

/** A year: the toggle is chosen once. */
export const LANGUAGE_COOKIE_SECONDS = 365 * 24 * 60 * 60;

/** The demo source of a local session, and what the page proposes to send to it. */
export const DEMO_PATH = "/in/demo/card";

/** A forwarded card SMS. It has no quote, so it can stand inside '…' in a shell. */
export const DEMO_BODY = JSON.stringify({
  message: "[Web발신]\n신한카드(1234)승인 홍*동 12,000원(일시불)02/12 12:34 스타벅스강남점",
});
