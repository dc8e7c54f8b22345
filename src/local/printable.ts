/**
 * Makes text of a stranger safe for a terminal: control characters could move the cursor, and direction marks
 * could make a line read as something else.
 */
export function printable(text: string, maxChars = 200): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
  if (clean.length <= maxChars) return clean;
  // Not in the middle of a character that has two code units.
  return `${clean.slice(0, maxChars).replace(/[\ud800-\udbff]$/, "")}…`;
}
