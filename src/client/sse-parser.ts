import { ClientError } from "./client-error.ts";
import { MAX_FRAME_CHARS } from "./constants.ts";
import { LineBuffer } from "./line-buffer.ts";

/**
 * What an event stream says. `id`: the last one of the stream, which a block without `id:` keeps.
 * `position`: a block that has an id and no data; it is no event, and yet moves the reader.
 */
export type SseItem =
  | { kind: "event"; id: string; event: string; data: string }
  | { kind: "position"; id: string }
  | { kind: "retry"; ms: number };

/** Reads an event stream as the HTML standard has it (9.2.6 "Interpreting an event stream"), from pieces of any size. */
export class SseParser {
  readonly #lines: LineBuffer;
  readonly #maxChars: number;
  #id = "";
  #newId: string | undefined;
  #event = "";
  #data: string[] = [];
  #chars = 0;

  constructor(maxChars = MAX_FRAME_CHARS) {
    this.#lines = new LineBuffer("any", maxChars);
    this.#maxChars = maxChars;
  }

  /** What this piece completes. A block that the stream leaves unfinished is none. */
  *push(piece: Uint8Array): Generator<SseItem> {
    for (const line of this.#lines.push(piece)) {
      const item = line === "" ? this.#dispatch() : this.#field(line);
      if (item) yield item;
    }
  }

  #field(line: string): SseItem | undefined {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    switch (name) {
      case "event":
        this.#event = value;
        return undefined;
      case "data":
        this.#add(value);
        return undefined;
      case "id":
        if (!value.includes("\0")) this.#newId = value;
        return undefined;
      case "retry":
        return /^[0-9]+$/.test(value) ? { kind: "retry", ms: Number(value) } : undefined;
      default:
        return undefined;
    }
  }

  #add(value: string): void {
    this.#chars += value.length + 1;
    if (this.#chars > this.#maxChars) {
      throw new ClientError(`An event has more than ${this.#maxChars} characters.`);
    }
    this.#data.push(value);
  }

  #dispatch(): SseItem | undefined {
    const hasId = this.#newId !== undefined;
    this.#id = this.#newId ?? this.#id;
    const id = this.#id;
    const event = this.#event || "message";
    const data = this.#data;
    this.#newId = undefined;
    this.#event = "";
    this.#data = [];
    this.#chars = 0;
    if (data.length > 0) return { kind: "event", id, event, data: data.join("\n") };
    return hasId ? { kind: "position", id } : undefined;
  }
}
