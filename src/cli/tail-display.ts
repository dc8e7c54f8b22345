import type { Notice, Status } from "../tail/index.ts";
import type { Output } from "./tail-deps.ts";
import { sayNotice } from "./tail-notice-texts.ts";
import { statusFields, statusLine } from "./tail-say-status.ts";
import type { TailTexts } from "./tail-texts.ts";

/** Shows the tail's status on stderr: a line that is drawn anew on a terminal, JSON every so many seconds elsewhere. */
export class TailDisplay {
  readonly #out: Output;
  readonly #texts: TailTexts;
  readonly #jsonMs: number;
  #isDrawn = false;
  #jsonAt: number;

  /** `jsonSeconds` 0: no JSON. `now` as `performance.now()` gives it. */
  constructor(out: Output, texts: TailTexts, jsonSeconds: number, now: number) {
    this.#out = out;
    this.#texts = texts;
    this.#jsonMs = jsonSeconds * 1000;
    this.#jsonAt = now;
  }

  /** A line that stays. */
  say(text: string): void {
    this.#clear();
    this.#out.write(`baton: ${text.replace(/\p{Cc}+/gu, " ")}\n`);
  }

  warn(notice: Notice): void {
    this.say(sayNotice(notice, this.#texts.notices));
  }

  show(status: Status, now: number): void {
    if (this.#jsonMs > 0) {
      // The status comes once a second, a little early or late.
      if (now - this.#jsonAt < this.#jsonMs - 500) return;
      this.#jsonAt = now;
      this.json(status);
    } else if (this.#out.isTTY) {
      const { status: words, notices } = this.#texts;
      const problems = status.problems.map((notice) => sayNotice(notice, notices));
      const line = statusLine(status, problems, Date.now(), words);
      this.#clear();
      this.#out.write(cutToColumns(line, (this.#out.columns || 80) - 1));
      this.#isDrawn = true;
    }
  }

  json(status: Status): void {
    this.#clear();
    this.#out.write(`${JSON.stringify(statusFields(status))}\n`);
  }

  #clear(): void {
    if (this.#isDrawn) this.#out.write("\r\u001B[2K");
    this.#isDrawn = false;
  }
}

/** Cuts a text to a terminal's columns, of which Korean letters take two. */
export function cutToColumns(text: string, columns: number): string {
  const letters = Array.from(text);
  if (letters.reduce((width, letter) => width + widthOf(letter), 0) <= columns) return text;
  let width = 1;
  const end = letters.findIndex((letter) => (width += widthOf(letter)) > columns);
  return `${letters.slice(0, end).join("")}…`;
}

const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/;

function widthOf(letter: string): number {
  return WIDE.test(letter) ? 2 : 1;
}
