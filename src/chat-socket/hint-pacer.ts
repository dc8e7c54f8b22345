import { HINT_EVERY_MS } from "./constants.ts";

type Paced<T> = { timer: ReturnType<typeof setTimeout>; waiting?: { hint: T } };

/** Passes hints on, of each key one within `HINT_EVERY_MS`; of those that come meanwhile the last one, when it may. */
export class HintPacer<T> {
  readonly #tell: (key: string, hint: T) => void;
  readonly #keys = new Map<string, Paced<T>>();

  constructor(tell: (key: string, hint: T) => void) {
    this.#tell = tell;
  }

  put(key: string, hint: T): void {
    const paced = this.#keys.get(key);
    if (paced) paced.waiting = { hint };
    else this.#pass(key, hint);
  }

  /** Forgets what waits. */
  close(): void {
    for (const { timer } of this.#keys.values()) clearTimeout(timer);
    this.#keys.clear();
  }

  #pass(key: string, hint: T): void {
    this.#keys.set(key, { timer: setTimeout(() => this.#goOn(key), HINT_EVERY_MS) });
    this.#tell(key, hint);
  }

  #goOn(key: string): void {
    const waiting = this.#keys.get(key)?.waiting;
    this.#keys.delete(key);
    if (waiting) this.#pass(key, waiting.hint);
  }
}
