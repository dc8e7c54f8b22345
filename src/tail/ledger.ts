/**
 * Keeps what is acknowledged of a file in order: alerts may be acknowledged in any order, the checkpoint only
 * moves past a line when everything before it has arrived. `Alert` is any object that stands for an alert.
 */
export class Ledger<Alert extends object, Place> {
  /** Alerts by their first line; `place` is behind the last line before that of the next one. */
  readonly #open = new Map<Alert, { place: Place; done: boolean }>();
  #last: { place: Place } | undefined;
  #read: Place;
  #acknowledged: Place;

  constructor(start: Place) {
    this.#read = start;
    this.#acknowledged = start;
  }

  /** The place up to which everything is acknowledged. */
  get acknowledged(): Place {
    return this.#acknowledged;
  }

  get lastRead(): Place {
    return this.#read;
  }

  get waits(): boolean {
    return this.#open.size > 0;
  }

  /** Everything up to `place` was read. */
  read(place: Place): void {
    this.#read = place;
    if (!this.waits) this.#acknowledged = place;
  }

  /** The line that ends at `place`, behind all others, is part of `alert`. */
  add(alert: Alert, place: Place): void {
    this.#read = place;
    // One entry an alert, however its lines lie among those of others: a storm has millions.
    if (this.#last && this.#open.has(alert)) {
      // Whoever gets past the last entry has got past this alert's own, too.
      this.#last.place = place;
      return;
    }
    const entry = { place, done: false };
    this.#open.set(alert, entry);
    this.#last = entry;
  }

  acknowledge(alert: Alert): void {
    const own = this.#open.get(alert);
    if (!own) return;
    own.done = true;
    for (const [first, { place, done }] of this.#open) {
      if (!done) return;
      this.#open.delete(first);
      this.#acknowledged = place;
    }
    this.#last = undefined;
    this.#acknowledged = this.#read;
  }
}
