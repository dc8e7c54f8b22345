/**
 * Keeps what is acknowledged of a file in order: alerts may be acknowledged in any order, the checkpoint only
 * moves past a line when everything before it has arrived. `Alert` is any object that stands for an alert.
 */
export class Ledger<Alert extends object, Place> {
  readonly #open: { alert: Alert; place: Place; done: boolean }[] = [];
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
    return this.#open.length > 0;
  }

  /** Everything up to `place` was read. */
  read(place: Place): void {
    this.#read = place;
    if (!this.waits) this.#acknowledged = place;
  }

  /** The line that ends at `place` is part of `alert`. */
  add(alert: Alert, place: Place): void {
    const last = this.#open.at(-1);
    // One entry for neighbours, or a minute's group of a storm would have millions.
    if (last?.alert === alert) last.place = place;
    else this.#open.push({ alert, place, done: false });
  }

  acknowledge(alert: Alert): void {
    for (const entry of this.#open) entry.done ||= entry.alert === alert;
    let done = 0;
    while (this.#open[done]?.done) done++;
    const last = this.#open.splice(0, done).at(-1);
    if (!last) return;
    this.#acknowledged = this.waits ? last.place : this.#read;
  }
}
