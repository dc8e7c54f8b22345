import type { Cut } from "./cut.ts";

/** Texts that have come over a socket and wait for their turn, and how the socket ended. */
export class Inbox {
  readonly #texts: string[] = [];
  #cut: Cut | undefined;
  #wake: () => void = () => {};

  push(text: string): void {
    this.#texts.push(text);
    this.#wake();
  }

  /** The first end counts. What came before it is still to be read. */
  end(cut: Cut): void {
    this.#cut ??= cut;
    this.#wake();
  }

  get hasEnded(): boolean {
    return this.#cut !== undefined;
  }

  async next(): Promise<{ text: string } | { cut: Cut }> {
    for (;;) {
      const text = this.#texts.shift();
      if (text !== undefined) return { text };
      if (this.#cut) return { cut: this.#cut };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
