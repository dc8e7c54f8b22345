import { type Bridge, openBridge } from "../channels/index.ts";
import { log } from "../log.ts";
import type { KakaoDeps } from "./deps.ts";
import { type Hint, readHint } from "./topics.ts";

/** Only what is told from now on; the stream ends by itself, so the channel needs no clock for it. */
const WISH = {
  format: "json",
  batch: true,
  since: null,
  until: null,
  untilCode: 4409,
  slow: "drop",
} as const;

/** Sockets to the topics of a session and its account. */
export class HintSockets {
  readonly #ctx: Pick<KakaoDeps, "channels">;
  readonly #onHint: (hint: Hint) => void;
  readonly #onLost: () => void;
  readonly #bridges = new Map<string, Bridge>();
  #isClosed = false;

  /** `onLost`: a socket is gone; `open` opens it again. */
  constructor(ctx: Pick<KakaoDeps, "channels">, onHint: (hint: Hint) => void, onLost: () => void) {
    this.#ctx = ctx;
    this.#onHint = onHint;
    this.#onLost = onLost;
  }

  /** Opens a socket for each topic that has none; false when one could not be opened. */
  async open(topics: readonly string[]): Promise<boolean> {
    const missing = topics.filter((topic) => !this.#bridges.has(topic));
    const opened = await Promise.all(missing.map((topic) => this.#openOne(topic)));
    return opened.every(Boolean);
  }

  closeAll(): void {
    this.#isClosed = true;
    for (const topic of this.#bridges.keys()) this.#close(topic);
  }

  async #openOne(topic: string): Promise<boolean> {
    try {
      const bridge = await openBridge(this.#ctx.channels, topic, WISH, {
        onMessage: (message, done) => {
          if (typeof message === "string") this.#read(message);
          done();
        },
        onEnd: () => {
          // One that we have closed ourselves is in the map no more.
          if (this.#bridges.delete(topic)) this.#onLost();
        },
      });
      this.#bridges.set(topic, bridge);
      if (this.#isClosed) this.#close(topic);
      return true;
    } catch (error) {
      log.warn("kakao_topic_not_heard", { topic, error });
      return false;
    }
  }

  #close(topic: string): void {
    const bridge = this.#bridges.get(topic);
    this.#bridges.delete(topic);
    bridge?.close();
  }

  /** What is no hint, as the channel's greeting, is none of ours. */
  #read(text: string): void {
    for (const line of text.split("\n")) {
      const hint = readHint(line);
      if ("kind" in hint) this.#onHint(hint);
    }
  }
}
