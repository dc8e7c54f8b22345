import { MAX_SEEN } from "./constants.ts";

/** What a stream has shown, and in which state: nothing is shown twice unless it has changed. */
export class Seen {
  readonly #states = new Map<string, string>();

  /** True when the thing was not shown in this state yet; from then on it was. */
  isNews(id: string, state: string): boolean {
    if (this.#states.get(id) === state) return false;
    // What changes moves to the end, and the oldest is forgotten first.
    this.#states.delete(id);
    this.#states.set(id, state);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= MAX_SEEN) break;
      this.#states.delete(oldest);
    }
    return true;
  }

  has(id: string, state: string): boolean {
    return this.#states.get(id) === state;
  }
}
