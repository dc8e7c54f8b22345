const VALUE = /\{value\.([A-Za-z0-9_]+)\}/g;

/** True for a header that shows something of the session. */
export function holdsValue(template: string): boolean {
  return template.search(VALUE) >= 0;
}

/**
 * Headers of a definition with `{value.<name>}` filled in, names in lower case. One whose value the session does not
 * have, or that no header can hold, is left out: half a header would say something else.
 */
export function filledHeaders(
  templates: Record<string, string>,
  values: Record<string, string>,
): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const [name, template] of Object.entries(templates)) {
    const value = fill(template, values);
    if (value !== null && isSendable(value)) filled[name.toLowerCase()] = value;
  }
  return filled;
}

function fill(template: string, values: Record<string, string>): string | null {
  const names = [...template.matchAll(VALUE)].map(([, name = ""]) => name);
  if (!names.every((name) => Object.hasOwn(values, name))) return null;
  return template.replace(VALUE, (_, name: string) => values[name] ?? "");
}

/**
 * True for a header value that can be sent. The runtime would take other characters too, but it writes the whole value
 * into its log with a warning: a session's cookies do not belong there.
 */
export function isSendable(value: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(value);
}
