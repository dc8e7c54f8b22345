/**
 * Characters that phones in Korea cannot show, as they are written instead. Whatever else has no code becomes `?`,
 * and what nobody sees (joiners, variation selectors) goes.
 */
const INSTEAD: Record<string, string> = {
  "\u00a0": " ",
  "\u2003": " ",
  "\u2009": " ",
  "–": "-",
  "—": "-",
  "−": "-",
  "\u2010": "-",
  "\u2011": "-",
  "•": "·",
  "₩": "￦",
  "©": "(c)",
  "«": "《",
  "»": "》",
  "‹": "〈",
  "›": "〉",
  "✓": "V",
  "✔": "V",
  "✅": "V",
  "❌": "X",
  "❗": "!",
  "❓": "?",
  "⚠": "!",
  "❤": "♥",
};
const UNKNOWN = "?";
const UNSEEN = /^[\p{Cf}\p{Mn}]$/u;

// Made at the first message: decoding all two-byte codes takes some milliseconds, which other kinds need not pay.
let twoByte: ReadonlySet<string> | undefined;

/** Every character that has two bytes in windows-949, which is what the platform's `euc-kr` is. */
function twoByteCharacters(): ReadonlySet<string> {
  const codes: number[] = [];
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x41; trail <= 0xfe; trail++) codes.push(lead, trail, 0x0a);
  }
  const lines = new TextDecoder("euc-kr").decode(new Uint8Array(codes)).split("\n");
  // A pair that is no code decodes to U+FFFD, alone or before an ASCII character.
  return new Set(lines.filter((line) => Array.from(line).length === 1 && line !== "\ufffd"));
}

/** Bytes of one character (code point) as SENS counts them; null for one that it has no code for. */
export function bytesOf(character: string): 1 | 2 | null {
  if (character <= "\x7f") return 1;
  twoByte ??= twoByteCharacters();
  return twoByte.has(character) ? 2 : null;
}

/** Length of a text in bytes of windows-949. Only for what `encodable` has made. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += bytesOf(character) ?? 1;
  return bytes;
}

/** The text with nothing in it that has no code. Composed first: a Mac writes `한` as three letters. */
export function encodable(text: string): string {
  let out = "";
  for (const character of text.normalize("NFC").replaceAll(/\r\n?/g, "\n")) {
    if (/[^\P{Cc}\n\t]/u.test(character)) continue;
    if (bytesOf(character) !== null) out += character;
    else if (character in INSTEAD) out += INSTEAD[character] ?? UNKNOWN;
    else if (!UNSEEN.test(character)) out += plain(character);
  }
  return out;
}

/** A letter without its accents, or a full-width one as it is usual; `?` for what is neither. */
function plain(character: string): string {
  const parts = Array.from(character.normalize("NFKD")).filter((part) => !UNSEEN.test(part));
  const isWritable = parts.length > 0 && parts.every((part) => bytesOf(part) !== null);
  return isWritable ? parts.join("") : UNKNOWN;
}

/** A text cut between characters to `maxBytes`, `mark` at its end when it was cut. */
export function cutToBytes(text: string, maxBytes: number, mark: string): string {
  if (byteLength(text) <= maxBytes) return text;
  const room = maxBytes - byteLength(mark);
  let out = "";
  let bytes = 0;
  for (const character of text) {
    bytes += bytesOf(character) ?? 1;
    if (bytes > room) break;
    out += character;
  }
  return out + mark;
}
