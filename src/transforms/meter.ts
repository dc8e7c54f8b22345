import { StepFailure } from "./failure.ts";

/** Characters of a text, and elements of a list, that count as one unit of work when they are handled. */
const CHARS_PER_UNIT = 64;
const ITEMS_PER_UNIT = 16;

/**
 * Counts what an expression does and how large its values grow. A value of shared parts can be exponentially larger
 * than the memory it takes, so sizes are sums over all paths, each object's remembered.
 */
export class Meter {
  readonly #maxWork: number;
  readonly #maxSize: number;
  readonly #sizes = new WeakMap<object, number>();
  #work = 0;

  constructor(maxWork: number, maxSize: number) {
    this.#maxWork = maxWork;
    this.#maxSize = maxSize;
  }

  /** Throws StepFailure when the work is used up. */
  spend(units: number): void {
    this.#work += units;
    if (this.#work > this.#maxWork) {
      throw new StepFailure(
        "does too much: it may not end, or works on too large a list or text; make it simpler",
      );
    }
  }

  /** Counts a value that the expression has come to. Throws StepFailure when it is too large. */
  take(value: unknown): void {
    if (typeof value === "string") this.spend(value.length / CHARS_PER_UNIT);
    if (Array.isArray(value)) this.spend(value.length / ITEMS_PER_UNIT);
    this.assertSize(this.sizeOf(value));
  }

  assertSize(size: number): void {
    if (size <= this.#maxSize) return;
    throw new StepFailure(`makes a value of over ${this.#maxSize} characters; keep less of it`);
  }

  /** Characters and elements of a value. */
  sizeOf(value: unknown): number {
    if (typeof value === "string") return 1 + value.length;
    // A lambda's own fields lead to everything that it can see.
    if (typeof value !== "object" || value === null || "_jsonata_lambda" in value) return 1;
    const known = this.#sizes.get(value);
    if (known !== undefined) return known;
    this.#sizes.set(value, 1);
    let size = 1;
    for (const part of Object.values(value)) size += this.sizeOf(part);
    if (!Array.isArray(value)) for (const key of Object.keys(value)) size += key.length;
    this.#sizes.set(value, size);
    return size;
  }
}
