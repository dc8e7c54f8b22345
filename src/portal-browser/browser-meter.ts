/** How long browsers were open: what Browser Rendering bills, also while a login waits for its SMS. */
export class BrowserMeter {
  readonly #since = new Map<string, number>();
  #ms = 0;

  /** `since` is ms UTC; told again for a browser that is known, it changes nothing. */
  opened(id: string, since: number): void {
    if (!this.#since.has(id)) this.#since.set(id, since);
  }

  knows(id: string): boolean {
    return this.#since.has(id);
  }

  closed(id: string): void {
    this.#ms += this.#age(id, Date.now());
    this.#since.delete(id);
  }

  /** Milliseconds since it was last asked, of all browsers together. */
  take(): number {
    const now = Date.now();
    for (const id of this.#since.keys()) {
      this.#ms += this.#age(id, now);
      this.#since.set(id, now);
    }
    const ms = this.#ms;
    this.#ms = 0;
    return ms;
  }

  #age(id: string, now: number): number {
    return Math.max(0, now - (this.#since.get(id) ?? now));
  }
}
