import type { Match } from "./alert.ts";
import { Draft } from "./draft.ts";

type Window = { startedAt: number; waiting?: Draft };

/**
 * Tells a storm in few messages: the first match of a file goes out at once, those of the cool-down behind it are
 * counted and told together at its end, and so on until a cool-down passes without any. Times are of a clock that
 * never jumps.
 */
export class MatchGroups {
  readonly #cooldownMs: number;
  readonly #windows = new Map<string, Window>();

  constructor(cooldownMs: number) {
    this.#cooldownMs = cooldownMs;
  }

  /** The alert that `match` is part of; `ready` when it is to be sent now. */
  add(match: Match, now: number): { draft: Draft; ready: boolean } {
    const window = this.#windows.get(match.file);
    if (!window) {
      if (this.#cooldownMs > 0) this.#windows.set(match.file, { startedAt: now });
      return { draft: new Draft("line", match), ready: true };
    }
    if (window.waiting) window.waiting.add(match);
    else window.waiting = new Draft("more", match);
    return { draft: window.waiting, ready: false };
  }

  /** Alerts whose cool-down is over. */
  takeDue(now: number): Draft[] {
    return this.#take(now, ({ startedAt }) => now - startedAt >= this.#cooldownMs);
  }

  /** All that wait, before their time. */
  takeAll(now: number): Draft[] {
    return this.#take(now, () => true);
  }

  #take(now: number, isOver: (window: Window) => boolean): Draft[] {
    const taken: Draft[] = [];
    for (const [file, window] of this.#windows) {
      if (!isOver(window)) continue;
      const { waiting, startedAt } = window;
      if (!waiting) {
        this.#windows.delete(file);
        continue;
      }
      const seconds = Math.max(1, Math.round((now - startedAt) / 1000));
      waiting.word((count, text) => `+${count} more in ${seconds} s: ${text}`);
      taken.push(waiting);
      this.#windows.set(file, { startedAt: now });
    }
    return taken;
  }
}
