import { PROBE_AFTER_MS, PROBE_TAKES_MS } from "./constants.ts";

/**
 * Messages that a stream has written, of which nobody knows yet that a reader is there: that takes a write after theirs,
 * the probe, and some time in which it did not fail.
 */
export class Unproved {
  #written: { id: string; at: number }[] = [];
  #probed: string[] = [];
  #provedAt = Number.POSITIVE_INFINITY;

  /** The message was taken now. */
  add(id: string): void {
    this.#written.push({ id, at: Date.now() });
  }

  get isEmpty(): boolean {
    return this.#written.length === 0 && this.#probed.length === 0;
  }

  /** When something is to be done (ms UTC). */
  get dueAt(): number {
    // One probe at a time.
    if (this.#probed.length > 0) return this.#provedAt;
    return (this.#written[0]?.at ?? Number.POSITIVE_INFINITY) + PROBE_AFTER_MS;
  }

  get mustProbe(): boolean {
    return this.#probed.length === 0 && this.dueAt <= Date.now();
  }

  /**
   * What was taken a while ago is proved when the probe that is written next does not fail. What was taken just now waits
   * for another one: its own write may be the first that a reader who has gone did not see.
   */
  startProbe(): void {
    const until = Date.now() - PROBE_AFTER_MS;
    this.#probed = this.#written.filter(({ at }) => at <= until).map(({ id }) => id);
    this.#written = this.#written.filter(({ at }) => at > until);
  }

  /** The probe was taken. */
  endProbe(): void {
    this.#provedAt = Date.now() + PROBE_TAKES_MS;
  }

  /** Messages that are proved by now. */
  get proved(): readonly string[] {
    return this.#provedAt <= Date.now() ? this.#probed : [];
  }

  /** They are marked. */
  forgetProved(): void {
    this.#probed = [];
    this.#provedAt = Number.POSITIVE_INFINITY;
  }

  /** They could not be marked; again in a while. */
  postpone(ms: number): void {
    this.#provedAt = Date.now() + ms;
  }
}
