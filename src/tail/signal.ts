/** Wakes everybody who waits at the moment. */
export class Signal {
  readonly #waiting = new Set<() => void>();

  send(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Resolves at the next `send`, or after `maxMs`. */
  next(maxMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = maxMs === undefined ? undefined : setTimeout(wake, maxMs);
      this.#waiting.add(wake);
    });
  }
}
