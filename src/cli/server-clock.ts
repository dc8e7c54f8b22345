/** The server's time, as far as its answers show it: due times are its own, and this machine's clock may differ. */
export class ServerClock {
  /** How far it is ahead of this machine, at least; undefined: nothing is known yet. */
  #aheadMs: number | undefined;

  /**
   * The server said its time (ms UTC) in an answer that has just come. One that was under way for long says too little,
   * so the most that was heard counts: what is asked for too early is refused and asked for again.
   */
  heard(serverMs: number, now = Date.now()): void {
    const aheadMs = serverMs - now;
    this.#aheadMs = Math.max(this.#aheadMs ?? aheadMs, aheadMs);
  }

  now(now = Date.now()): number {
    return now + (this.#aheadMs ?? 0);
  }
}
