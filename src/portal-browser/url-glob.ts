/** True when a URL fits a pattern: whole or, when that begins with `/`, its path. Query and fragment may be left out of it. */
export function fitsGlob(url: string, glob: string): boolean {
  const parsed = URL.parse(url);
  if (!parsed) return url === glob;
  const start = glob.startsWith("/") ? "" : parsed.origin;
  const { pathname, search, hash } = parsed;
  const wholes = ["", search, `${search}${hash}`].map((rest) => `${start}${pathname}${rest}`);
  return wholes.some((whole) => fits(whole, glob.split("*")));
}

/** Without a regular expression: many stars would make one slow. */
function fits(text: string, parts: string[]): boolean {
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return text === first;
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

/** An address as it may be kept: a query can hold anything. */
export function withoutQuery(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed || parsed.origin === "null") return "";
  return `${parsed.origin}${parsed.pathname}`;
}
