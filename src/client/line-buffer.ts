import { ClientError } from "./client-error.ts";

/**
 * Cuts bytes that come in pieces of any size into lines of text. UTF-8; a byte order mark at the start is dropped.
 * `any`: CR, LF and CRLF end a line, as in event streams. `newline`: only LF does.
 */
export class LineBuffer {
  readonly #decoder = new TextDecoder();
  readonly #ends: RegExp;
  readonly #maxChars: number;
  #held = "";
  /** The last piece ended with CR: an LF at the start of the next one belongs to it. */
  #isAfterReturn = false;

  constructor(ends: "any" | "newline", maxChars: number) {
    this.#ends = ends === "any" ? /[\r\n]/g : /\n/g;
    this.#maxChars = maxChars;
  }

  /** The lines that end in this piece. Throws when one is longer than the limit. */
  *push(piece: Uint8Array): Generator<string> {
    const text = this.#decoder.decode(piece, { stream: true });
    if (text === "") return;
    let from = this.#isAfterReturn && text.startsWith("\n") ? 1 : 0;
    this.#isAfterReturn = false;
    while (from < text.length) {
      this.#ends.lastIndex = from;
      const end = this.#ends.exec(text)?.index;
      if (end === undefined) break;
      const isReturn = text[end] === "\r";
      // Before the line is handed out: the caller may never ask for the next one.
      const line = this.#hold(text.slice(from, end));
      this.#held = "";
      from = isReturn && text[end + 1] === "\n" ? end + 2 : end + 1;
      this.#isAfterReturn = isReturn && from === text.length && text[end + 1] !== "\n";
      yield line;
    }
    this.#hold(text.slice(from));
  }

  #hold(text: string): string {
    this.#held += text;
    if (this.#held.length > this.#maxChars) {
      throw new ClientError(`A line has more than ${this.#maxChars} characters.`);
    }
    return this.#held;
  }
}
