import type { Readable } from "./readable-body.ts";

/** What may not be cut apart: how it is written, and how many characters of the text it stands for. */
export type Piece = { shown: string; chars: number };

/** What a message may be made of: well-formed, and never something that a service takes for nothing. */
export function visibleText(body: Readable): string {
  return /[^\s\p{Cf}]/u.test(body.text) ? body.text.toWellFormed() : "(blank body)";
}

/** Every character a piece of its own, so that no surrogate pair is cut. */
export function plainPieces(text: string): Piece[] {
  return Array.from(text, (char) => ({ shown: char, chars: 1 }));
}

/**
 * As many pieces as go into `maxChars` UTF-16 units together with the mark that says what is missing; no mark when
 * nothing is.
 */
export function fit(
  pieces: readonly Piece[],
  maxChars: number,
  unreadBytes: number,
): { text: string; mark: string } {
  const all = pieces.map(({ shown }) => shown).join("");
  if (unreadBytes === 0 && all.length <= maxChars) return { text: all, mark: "" };
  let rest = pieces.reduce((sum, { chars }) => sum + chars, 0);
  // The mark is never longer than when everything is missing.
  const room = maxChars - markLine(rest, unreadBytes).length;
  let text = "";
  for (const { shown, chars } of pieces) {
    if (text.length + shown.length > room) break;
    text += shown;
    rest -= chars;
  }
  return { text, mark: markLine(rest, unreadBytes) };
}

function markLine(rest: number, unreadBytes: number): string {
  return `\n${markOf(rest, unreadBytes)}`;
}

/** Says how much of the body is missing; null when nothing is. */
export function markOf(rest: number, unreadBytes: number): string | null {
  const more = [
    ...(rest > 0 ? [`${count(rest)} more characters`] : []),
    ...(unreadBytes > 0 ? [`${count(unreadBytes)} more bytes`] : []),
  ];
  return more.length === 0 ? null : `… ${more.join(" and ")}`;
}

function count(n: number): string {
  return n.toLocaleString("en-US");
}
