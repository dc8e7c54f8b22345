import { type Alert, type AlertKind, joinKeys, type Match, matchKey } from "./alert.ts";

/** An alert in the making: of its lines it keeps the number, the first place and the last text. */
export class Draft {
  readonly kind: AlertKind;
  /** Of the files whose lines it tells. */
  readonly ledgers = new Set<{ acknowledge: (draft: Draft) => void }>();
  readonly #first: Match;
  #last: Match;
  #keys = "";
  #count = 0;
  #wording: (count: number, text: string) => string = (_, text) => text;

  constructor(kind: AlertKind, first: Match) {
    this.kind = kind;
    this.#first = first;
    this.#last = first;
    this.add(first);
  }

  get count(): number {
    return this.#count;
  }

  get file(): string {
    return this.#first.file;
  }

  /** What it takes of the queue. */
  get bytes(): number {
    const others = this.#first === this.#last ? 0 : this.#first.text.length;
    return (others + this.#last.text.length) * 2;
  }

  add(match: Match): void {
    this.#last = match;
    this.#count++;
    this.#keys = joinKeys(this.#keys, matchKey(match));
  }

  /** How the message is put. */
  word(wording: (count: number, text: string) => string): void {
    this.#wording = wording;
  }

  toAlert(): Alert {
    const { file, offset, readAt: firstAt } = this.#first;
    const { text, readAt: lastAt, cutFrom, partial } = this.#last;
    return {
      idempotencyKey: this.#keys,
      kind: this.kind,
      message: this.#wording(this.#count, text),
      file,
      offset,
      count: this.#count,
      firstAt,
      lastAt,
      ...(cutFrom !== undefined && { cutFrom }),
      ...(partial && { partial }),
    };
  }
}
