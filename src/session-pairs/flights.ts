/** What a pair is doing, by name: nothing is done twice at a time. */
export class Flights {
  readonly #running = new Map<string, Promise<unknown>>();

  has(name: string): boolean {
    return this.#running.has(name);
  }

  /** Those that run. */
  all(): Promise<unknown>[] {
    return [...this.#running.values()];
  }

  /** Starts it, or joins the one that runs. */
  run<T>(name: string, start: () => Promise<T>): Promise<T> {
    const running = this.#running.get(name);
    // One name always means one kind of result.
    if (running) return running as Promise<T>;
    const flight = start().finally(() => this.#running.delete(name));
    this.#running.set(name, flight);
    return flight;
  }
}
