/** A line as bytes. `bytes` is a view that is good until the next piece is pushed. */
export type RawLine = {
  bytes: Buffer;
  /** Place of its first byte in the file. */
  offset: number;
  /** Place behind its newline. */
  end: number;
  /** Bytes without the newline; more than `bytes` has when the line was cut. */
  length: number;
};

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const NOTHING = Buffer.alloc(0);

/**
 * Cuts a file's bytes into lines. Bytes, not text: 0x0A is never part of a character in UTF-8 and EUC-KR, so a
 * character that two reads share stays whole. Of a line, `maxBytes` are kept, whatever its length.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #kept: Buffer = NOTHING;
  #length = 0;
  #offset = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of the last line, which has no newline yet. */
  get heldBytes(): number {
    return this.#length;
  }

  /** The lines that end in `piece`, which stands at `at` in the file. */
  *push(piece: Buffer, at: number): Generator<RawLine> {
    let from = 0;
    while (from < piece.length) {
      if (this.#length === 0) {
        from = behindZeros(piece, from);
        this.#offset = at + from;
      }
      const newline = piece.indexOf(NEWLINE, from);
      if (newline < 0) {
        this.#hold(piece.subarray(from));
        return;
      }
      const last = piece.subarray(from, newline);
      from = newline + 1;
      yield this.#line(last, at + from);
    }
  }

  /** The last line as far as it goes, without ending it. */
  peek(): RawLine | undefined {
    if (this.#length === 0) return undefined;
    const end = this.#offset + this.#length;
    return { bytes: this.#kept, offset: this.#offset, end, length: this.#length };
  }

  /** Ends the last line where it stands. */
  flush(): RawLine | undefined {
    const line = this.peek();
    this.#kept = NOTHING;
    this.#length = 0;
    return line;
  }

  #line(last: Buffer, end: number): RawLine {
    const offset = this.#offset;
    let bytes = last;
    if (this.#length > 0) {
      this.#hold(last);
      bytes = this.#kept;
    }
    let length = this.#length || last.length;
    if (length === bytes.length && bytes[length - 1] === RETURN) {
      length--;
      bytes = bytes.subarray(0, length);
    }
    this.#kept = NOTHING;
    this.#length = 0;
    return { bytes: bytes.subarray(0, this.#maxBytes), offset, end, length };
  }

  #hold(bytes: Buffer): void {
    const room = this.#maxBytes - this.#kept.length;
    if (room > 0) this.#kept = Buffer.concat([this.#kept, bytes.subarray(0, room)]);
    this.#length += bytes.length;
  }
}

/** A writer that goes on at its old place after `copytruncate` leaves a hole, which reads as zeros. */
function behindZeros(piece: Buffer, from: number): number {
  let at = from;
  while (piece[at] === 0) at++;
  return at;
}
