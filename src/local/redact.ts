/** Wrangler prints the beginning of a variable's value; this much of a secret is already too much. */
const SHOWN_CHARS = 8;
const SECRET_NAME = /KEY|SECRET|TOKEN|PASS/i;

/** wrangler's line for a variable, which shows a short value whole: `env.PORTAL_PASSWORD ("…")`. */
const SECRET_VARIABLE =
  /(\benv\.(?:\w*(?:KEY|SECRET|TOKEN|PASS)\w*|(?:PORTAL|BAEMIN)_\w+) \().*?\)(?=\s|$)/gi;

/** wrangler's line for a request: `[wrangler:info] POST /~<key>/x 202 Accepted (3ms)`. */
const REQUEST_LINE = /^\[wrangler:info\] [A-Z]+ \//;
/** Where a path holds a sender's key: everywhere, as Slack's webhooks have it, and as phones do. */
const KEY_IN_PATH = /(\/(?:~|%7e)|\/services\/[^/\s]+\/[^/\s]+\/|\/webhook\/sms\/)[^/?\s]+/gi;

/** A function that takes secrets, whole or cut off, and senders' keys out of a line. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const redact = redactorOf(secrets);
  return (text) => {
    const known = REQUEST_LINE.test(text) ? text.replace(KEY_IN_PATH, "$1[redacted]") : text;
    return redact(known.replace(SECRET_VARIABLE, '$1"[redacted]")'));
  };
}

function redactorOf(secrets: readonly string[]): (text: string) => string {
  const starts = secrets
    .filter((secret) => secret.length > SHOWN_CHARS)
    .map((secret) => `${RegExp.escape(secret.slice(0, SHOWN_CHARS))}[^\\s"']*`);
  if (starts.length === 0) return (text) => text;
  const pattern = new RegExp(starts.join("|"), "g");
  return (text) => text.replace(pattern, "[redacted]");
}

/** A line without senders' keys, which stand in URLs: those of our form, and whatever stands in the place for one. */
export function withoutSenderKeys(line: string): string {
  return line
    .replace(/bts_[\w-]+/g, "[redacted]")
    .replace(/([A-Z] \/webhook\/sms\/)[^\s/?]+/g, "$1[redacted]");
}

/** Values of variables whose names say that they are secret. */
export function secretValues(vars: Record<string, string>): string[] {
  return Object.entries(vars)
    .filter(([name]) => SECRET_NAME.test(name))
    .map(([, value]) => value);
}
