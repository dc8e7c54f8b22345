import type { Frame, Gap } from "./frame.ts";
import type { State, StreamOptions } from "./options.ts";
import { subscribe } from "./subscribe.ts";

/** A frame, or a gap in their place: `"gap" in item`. */
export type Item = Frame | { gap: Gap };

/**
 * The same as `subscribe`, for `for await`. The next frame is asked for when the loop comes back; leaving the loop ends
 * the subscription, and a refusal is thrown.
 */
export async function* frames(
  options: StreamOptions & { onState?(state: State): void },
): AsyncGenerator<Item, void, undefined> {
  const turn = new Turn();
  const subscription = subscribe({
    ...options,
    onState: options.onState?.bind(options),
    onFrame: (frame) => turn.give(frame),
    onGap: (gap) => turn.give({ gap }),
  });
  subscription.done.then(
    () => turn.end(),
    () => turn.end(),
  );
  try {
    for (let item = await turn.take(); item; item = await turn.take()) yield item;
    await subscription.done;
  } finally {
    subscription.close();
    turn.end();
  }
}

/** Hands items over one at a time: who gives waits until the taker asks for the next. */
class Turn {
  #item: Item | undefined;
  #hasEnded = false;
  #given = () => {};
  #finished = () => {};

  give(item: Item): Promise<void> {
    if (this.#hasEnded) return Promise.resolve();
    return new Promise((resolve) => {
      this.#item = item;
      this.#finished = resolve;
      this.#given();
    });
  }

  /** Undefined: there is none any more. */
  async take(): Promise<Item | undefined> {
    this.#finished();
    while (!this.#item && !this.#hasEnded) {
      await new Promise<void>((resolve) => {
        this.#given = resolve;
      });
    }
    const item = this.#item;
    this.#item = undefined;
    return item;
  }

  end(): void {
    this.#hasEnded = true;
    this.#given();
    this.#finished();
  }
}
