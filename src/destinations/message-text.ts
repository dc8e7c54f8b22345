import type { Readable } from "./readable-body.ts";

/** What may not be cut apart: how it is written, and how many characters of the text it stands for. */
export type Piece = { shown: string; chars: number };

/** What a message may be made of: well-formed, and never something that a service takes for nothing. */
export function visibleText(body: Readable): string {
  return /[^\s\p{Cf}]/u.test(body.text) ? body.text.toWellFormed() : "(blank body)";
}

/** Every character a piece of its own, so that no surrogate pair is cut. */
export function* plainPieces(text: string): Generator<Piece> {
  for (const char of text) yield { shown: char, chars: 1 };
}

/**
 * As many pieces of a text as go into `maxChars` UTF-16 units together with the mark that says what is missing; no
 * mark when nothing is. No more pieces are taken than fit: laid-out JSON may have millions of characters.
 */
export function fit(
  text: string,
  pieces: Iterable<Piece>,
  maxChars: number,
  unreadBytes: number,
): { text: string; mark: string } {
  const total = countChars(text);
  // The mark is never longer than when everything is missing.
  const room = maxChars - markLine(total, unreadBytes).length;
  let whole = "";
  let cut = { text: "", rest: total };
  for (const { shown, chars } of pieces) {
    whole += shown;
    if (whole.length > maxChars) break;
    if (whole.length <= room) cut = { text: whole, rest: cut.rest - chars };
  }
  return unreadBytes === 0 && whole.length <= maxChars
    ? { text: whole, mark: "" }
    : { text: cut.text, mark: markLine(cut.rest, unreadBytes) };
}

function countChars(text: string): number {
  let chars = 0;
  for (const _ of text) chars++;
  return chars;
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
