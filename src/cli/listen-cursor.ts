import { firstIdAt, timeOfId } from "../ids.ts";
import { LISTEN_OVERLAP_MS } from "./listen-constants.ts";

/** How far a listener is in one source; what the state file keeps. */
export type Position = {
  /** Every event up to this id has been taken; null: none yet. */
  cursor: string | null;
  /** Events up to this id are not of interest. */
  floor: string | null;
};

/**
 * Keeps the place up to which every event has been taken. Ids are made before their rows are written, so an event may
 * appear behind the cursor: what is younger than the overlap is looked at again, and what was taken is known here.
 */
export class Cursor {
  readonly #floor: string | null;
  #cursor: string | null;
  readonly #taken = new Set<string>();
  /** Those that were found and not taken yet. */
  readonly #open = new Set<string>();
  /** Those that were found and not passed yet, the oldest first. */
  #line: string[] = [];

  constructor({ cursor, floor }: Position) {
    this.#cursor = cursor;
    this.#floor = floor;
  }

  get position(): Position {
    return { cursor: this.#cursor, floor: this.#floor };
  }

  /** Since when to look (ms UTC); undefined: all of time. */
  get since(): number | undefined {
    if (this.#cursor !== null)
      return Math.max(0, timeOfId("event", this.#cursor) - LISTEN_OVERLAP_MS);
    return this.#floor === null ? undefined : timeOfId("event", this.#floor);
  }

  /** Notes events that were found; gives those that are new, the oldest first. */
  found(ids: readonly string[]): string[] {
    this.#forget();
    const fresh = ids.filter((id) => !this.knows(id)).toSorted(byAge);
    for (const id of fresh) this.#open.add(id);
    if (fresh.length > 0) this.#line = [...this.#line, ...fresh].toSorted(byAge);
    return fresh;
  }

  /** True of an event that was found before, or is of no interest. */
  knows(id: string): boolean {
    return this.#taken.has(id) || this.#open.has(id) || (this.#floor !== null && id <= this.#floor);
  }

  /** An event was taken: the cursor moves up to the first that was not. */
  took(id: string): void {
    this.#taken.add(id);
    this.#open.delete(id);
    const open = this.#line.findIndex((one) => !this.#taken.has(one));
    const passed = this.#line.splice(0, open < 0 ? this.#line.length : open);
    const last = passed.at(-1);
    // One that appeared late is older: the cursor never goes back.
    if (last !== undefined && last > (this.#cursor ?? "")) this.#cursor = last;
  }

  /** What is older than the overlap is not looked at again. */
  #forget(): void {
    const { since } = this;
    if (since === undefined) return;
    const oldest = firstIdAt("event", since);
    for (const id of this.#taken) if (id < oldest) this.#taken.delete(id);
  }
}

/** Ids are in the order of their times. */
function byAge(a: string, b: string): number {
  return a < b ? -1 : 1;
}
