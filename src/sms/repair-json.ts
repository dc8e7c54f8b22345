/** A field's name and the start of its value: `"message": "` or `"from": 1`. */
const FIELD = /"([A-Za-z]{2,12})"\s{0,8}:\s{0,8}("|-?\d)/g;
const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: " ", f: " " };

/**
 * The fields of an object that is almost JSON: templates put a message in as it is, so line breaks and quotes stand
 * in the value unescaped. A value therefore ends where the next known field begins, or the object does.
 */
export function repairedFields(text: string, names: ReadonlySet<string>): [string, string][] {
  const found = [...text.matchAll(FIELD)].filter(([, name]) => names.has(name ?? ""));
  return found.map((match, i) => {
    const [all, name = "", first = ""] = match;
    const start = match.index + all.length - (first === '"' ? 0 : first.length);
    const value = text.slice(start, found[i + 1]?.index ?? text.length);
    return [name, first === '"' ? unquoted(value) : (/^-?\d{1,20}/.exec(value)?.[0] ?? "")];
  });
}

/** Without what ends a value: its quote, a comma, the object's brace. */
function unquoted(value: string): string {
  let end = value.length;
  while (end > 0 && /[\s,}\]]/.test(value[end - 1] ?? "")) end--;
  // No quote before the braces: they belong to a message that was cut.
  const inner = value[end - 1] === '"' ? value.slice(0, end - 1) : value.trimEnd();
  return inner.replace(/\\(?:u([0-9A-Fa-f]{4})|(.))/g, (_, hex?: string, char = "") =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (ESCAPES[char] ?? char),
  );
}
