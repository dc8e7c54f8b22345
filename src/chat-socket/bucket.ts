/** Lets `size` through at once, and `perSecond` more each second. */
export class Bucket {
  readonly #size: number;
  readonly #perSecond: number;
  #level: number;
  #at: number;

  constructor({ size, perSecond }: { size: number; perSecond: number }, now: number) {
    this.#size = size;
    this.#perSecond = perSecond;
    this.#level = size;
    this.#at = now;
  }

  /** 0 when one more may pass, else the ms after which one may. */
  take(now: number): number {
    const gained = (Math.max(0, now - this.#at) / 1000) * this.#perSecond;
    this.#level = Math.min(this.#size, this.#level + gained);
    this.#at = now;
    if (this.#level < 1) return Math.ceil(((1 - this.#level) / this.#perSecond) * 1000);
    this.#level -= 1;
    return 0;
  }
}
