export type TextTest = (text: string) => boolean;

/**
 * A test for a glob in which `*` stands for any run of characters, `/` too; all else is literal.
 * Pieces are searched from left to right and never again, so there is no backtracking.
 */
export function globTest(pattern: string): TextTest {
  const pieces = pattern.split("*");
  const [first = "", ...middle] = pieces;
  const last = middle.pop();
  if (last === undefined) return (text) => text === pattern;
  return (text) => {
    if (text.length < first.length + last.length) return false;
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}
