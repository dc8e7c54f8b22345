import { MAX_PENDING_IDS } from "./constants.ts";
import type { Hint } from "./hint.ts";

/** What a stream was told and has not read yet. However much comes while its reader is slow, it stays bounded. */
export class Inbox {
  readonly #events = new Set<string>();
  readonly #deliveries = new Set<string>();
  #mustReadNew = false;
  #isRung = false;
  #wake: (() => void) | undefined;

  put(hint: Hint): void {
    this.keep(hint);
    this.ring();
  }

  /** For the next time that something is looked at: what was taken and could not be read. Null: more than was kept. */
  keep(hint: Hint | null): void {
    if (hint === null) {
      this.#mustReadNew = true;
      return;
    }
    const { events, deliveries } = hint;
    for (const id of events) this.#events.add(id);
    for (const id of deliveries) this.#deliveries.add(id);
    if (this.#events.size + this.#deliveries.size > MAX_PENDING_IDS) {
      this.#events.clear();
      this.#deliveries.clear();
      this.#mustReadNew = true;
    }
  }

  /** Something must be looked at now. */
  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** What there is, or null when there was too much to keep: read everything that is new. */
  take(): Hint | null {
    const hint = { events: [...this.#events], deliveries: [...this.#deliveries] };
    const isLost = this.#mustReadNew;
    this.#events.clear();
    this.#deliveries.clear();
    this.#mustReadNew = false;
    this.#isRung = false;
    return isLost ? null : hint;
  }

  /** Until something comes, or until a time (ms UTC). */
  async wait(until: number): Promise<void> {
    if (this.#isRung) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, Math.max(0, until - Date.now()));
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }
}
