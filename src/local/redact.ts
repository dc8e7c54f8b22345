/** Wrangler prints the beginning of a variable's value; this much of a secret is already too much. */
const SHOWN_CHARS = 8;
const SECRET_NAME = /KEY|SECRET|TOKEN|PASS/i;

/** A function that takes secrets, whole or cut off, out of text. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
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
