import { MAX_ENTRY_LINES } from "./constants.ts";
import { cutMark, type Line } from "./decode-line.ts";

/** Lines of one entry, such as an exception and its stack trace: `starts` says which line begins a new one. */
export type Multiline = { starts: (text: string) => boolean; idleMs: number };

/** Joins lines to entries. `Mark` is what the caller knows of a line's end, and gets back for the entry's. */
export class LineJoiner<Mark> {
  readonly #starts: (text: string) => boolean;
  readonly #maxChars: number;
  #texts: string[] = [];
  #chars = 0;
  #bytes = 0;
  #cut = false;
  #last: { offset: number; end: number; mark: Mark } | undefined;

  constructor(starts: (text: string) => boolean, maxChars: number) {
    this.#starts = starts;
    this.#maxChars = maxChars;
  }

  get holds(): boolean {
    return this.#last !== undefined;
  }

  /** Adds a line; gives the entry before it, when the line begins a new one. */
  add(line: Line, mark: Mark): { line: Line; mark: Mark } | undefined {
    const isOver = this.#bytes >= MAX_ENTRY_LINES * this.#maxChars || this.#starts(line.text);
    const done = this.#last && isOver ? this.flush() : undefined;
    this.#last = { offset: this.#last?.offset ?? line.offset, end: line.end, mark };
    this.#bytes += line.end - line.offset;
    const room = Math.max(0, this.#maxChars - this.#chars);
    if (line.text.length <= room) this.#texts.push(line.text);
    else if (!this.#cut && room > 0) this.#texts.push(line.text.slice(0, room));
    this.#cut ||= line.text.length > room || line.cutFrom !== undefined;
    this.#chars = this.#cut ? this.#maxChars : this.#chars + line.text.length + 1;
    return done;
  }

  /** Ends the entry where it stands. */
  flush(): { line: Line; mark: Mark } | undefined {
    if (!this.#last) return undefined;
    const { offset, end, mark } = this.#last;
    const text = this.#texts.join("\n");
    const line = this.#cut
      ? { text: text + cutMark(this.#bytes), offset, end, cutFrom: this.#bytes }
      : { text, offset, end };
    this.#texts = [];
    this.#chars = 0;
    this.#bytes = 0;
    this.#cut = false;
    this.#last = undefined;
    return { line, mark };
  }
}
