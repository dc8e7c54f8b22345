import { decodeCp949 } from "../decode-cp949.ts";
import type { RawLine } from "./split-lines.ts";

/** `euc-kr` is CP949: all Hangul syllables, as Windows and browsers understand it. */
export type Encoding = "utf-8" | "euc-kr";

/** A line as text. `cutFrom`: how many bytes it had, when not all were kept. */
export type Line = { text: string; offset: number; end: number; cutFrom?: number };

type Decode = (bytes: Uint8Array, isCut: boolean) => string;

const DECODERS = {
  "utf-8": () => {
    const decoder = new TextDecoder();
    return (bytes, isCut) => {
      // In a stream, half a character at the cut waits for its rest, which never comes.
      return isCut ? new TextDecoder().decode(bytes, { stream: true }) : decoder.decode(bytes);
    };
  },
  "euc-kr": () => decodeCp949,
} satisfies Record<Encoding, () => Decode>;

/** Makes text of lines; bytes that are no text become U+FFFD. */
export function lineDecoder(encoding: Encoding): (raw: RawLine) => Line {
  const decode: Decode = DECODERS[encoding]();
  return ({ bytes, offset, end, length }) => {
    const text = decode(bytes, bytes.length < length);
    if (bytes.length === length) return { text, offset, end };
    return { text: text + cutMark(length), offset, end, cutFrom: length };
  };
}

/** What stands where the rest of a line was left out. */
export function cutMark(bytes: number): string {
  return ` … [cut: the line has ${bytes} bytes]`;
}
