import { MAX_QUEUED_ALERTS, MAX_QUEUED_BYTES } from "./constants.ts";
import type { Draft } from "./draft.ts";
import { Signal } from "./signal.ts";

/** Alerts that wait for delivery, with an end to how many: whoever reads waits for room. */
export class AlertQueue {
  readonly #drafts: Draft[] = [];
  readonly #changed = new Signal();
  #bytes = 0;
  #released = false;
  #closed = false;

  get length(): number {
    return this.#drafts.length;
  }

  get isFull(): boolean {
    return this.#drafts.length >= MAX_QUEUED_ALERTS || this.#bytes >= MAX_QUEUED_BYTES;
  }

  put(draft: Draft): void {
    this.#drafts.push(draft);
    this.#bytes += draft.bytes;
    this.#changed.send();
  }

  /** Resolves as soon as there is room, or nobody is to wait for it any more. */
  async room(): Promise<void> {
    while (this.isFull && !this.#released) await this.#changed.next();
  }

  /** Lets go whoever waits for room. */
  release(): void {
    this.#released = true;
    this.#changed.send();
  }

  /** The next alerts, `most` of them, as soon as there is one; none when the queue was closed and is empty. */
  async next(most: number): Promise<Draft[]> {
    while (this.#drafts.length === 0 && !this.#closed) await this.#changed.next();
    return this.#drafts.slice(0, most);
  }

  /** Takes the first `count` out: they have arrived. */
  drop(count: number): void {
    for (const { bytes } of this.#drafts.splice(0, count)) this.#bytes -= bytes;
    this.#changed.send();
  }

  /** Nothing more will be put. */
  close(): void {
    this.#closed = true;
    this.#changed.send();
  }
}
