import { ClientError } from "./client-error.ts";
import { MAX_FRAME_CHARS } from "./constants.ts";
import { LineBuffer } from "./line-buffer.ts";

/** Reads JSON lines from pieces of any size. An empty line is a heartbeat; a last line without its end is none. */
export class NdjsonParser {
  readonly #lines: LineBuffer;

  constructor(maxChars = MAX_FRAME_CHARS) {
    this.#lines = new LineBuffer("newline", maxChars);
  }

  /** The values of the lines that end in this piece. Throws for a line that is no JSON. */
  *push(piece: Uint8Array): Generator<unknown> {
    for (const line of this.#lines.push(piece)) {
      if (line.trim() !== "") yield parseJson(line);
    }
  }
}

/** Throws a ClientError that quotes nothing: what came may be anybody's. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ClientError("What came is not JSON.", 0, { cause });
  }
}
