const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** One character as Slack wants it: these three start its markup, no other is to be escaped. */
function escaped(char: string): string {
  return ESCAPES[char] ?? char;
}

/** What Slack's escapes stand for, for readers elsewhere. */
export function unescapeSlack(text: string): string {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

/** Text escaped for Slack, cut to `maxChars` with `…`; never inside an escape or a surrogate pair. */
export function escapeTo(text: string, maxChars: number): string {
  const whole = split(text, maxChars, 1);
  if (whole.rest === 0) return whole.parts[0] ?? "";
  return `${split(text, maxChars - 1, 1).parts[0] ?? ""}…`;
}

/**
 * Escapes text and splits it into at most `maxParts` parts of at most `maxChars` UTF-16 units.
 * `rest` counts the characters (code points) that did not fit.
 */
export function split(
  text: string,
  maxChars: number,
  maxParts: number,
): { parts: string[]; rest: number } {
  const parts: string[] = [];
  let part = "";
  let rest = 0;
  for (const char of wellFormed(text)) {
    const piece = escaped(char);
    if (rest > 0) {
      rest++;
      continue;
    }
    if (part.length + piece.length > maxChars) {
      if (parts.length + 1 === maxParts) {
        rest = 1;
        continue;
      }
      parts.push(part);
      part = "";
    }
    part += piece;
  }
  return { parts: part === "" ? parts : [...parts, part], rest };
}

/** A lone surrogate cannot be sent as UTF-8. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}
