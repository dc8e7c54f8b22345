import { log } from "../log.ts";
import { type Bridge, openBridge } from "./open-bridge.ts";
import type { Channels } from "./rpc.ts";

/** Only what is told from now on; the stream ends by itself, so the channel needs no clock for it. */
const WISH = {
  format: "json",
  batch: true,
  since: null,
  until: null,
  untilCode: 4409,
  slow: "drop",
} as const;

export type TopicEvents = {
  /** One line of what a channel sends; its greeting too. */
  onLine: (line: string) => void;
  /** A socket is gone; `open` opens it again. */
  onLost: () => void;
};

/** Sockets to several topics, through which hints come. */
export class TopicSockets {
  readonly #channels: Channels;
  readonly #events: TopicEvents;
  readonly #bridges = new Map<string, Bridge>();
  #isClosed = false;

  constructor(channels: Channels, events: TopicEvents) {
    this.#channels = channels;
    this.#events = events;
  }

  /** Opens a socket for each topic that has none; false when one could not be opened. */
  async open(topics: readonly string[]): Promise<boolean> {
    const missing = topics.filter((topic) => !this.#bridges.has(topic));
    const opened = await Promise.all(missing.map((topic) => this.#openOne(topic)));
    return opened.every(Boolean);
  }

  /** Closes those of all other topics. */
  keepOnly(topics: readonly string[]): void {
    const wanted = new Set(topics);
    for (const topic of this.#bridges.keys()) if (!wanted.has(topic)) this.#close(topic);
  }

  closeAll(): void {
    this.#isClosed = true;
    this.keepOnly([]);
  }

  async #openOne(topic: string): Promise<boolean> {
    try {
      const bridge = await openBridge(this.#channels, topic, WISH, {
        onMessage: (message, done) => {
          const lines = typeof message === "string" ? message.split("\n") : [];
          for (const line of lines) this.#events.onLine(line);
          done();
        },
        onEnd: () => {
          // One that we have closed ourselves is in the map no more.
          if (this.#bridges.delete(topic)) this.#events.onLost();
        },
      });
      this.#bridges.set(topic, bridge);
      if (this.#isClosed) this.#close(topic);
      return true;
    } catch (error) {
      log.warn("topic_not_heard", { topic, error });
      return false;
    }
  }

  #close(topic: string): void {
    const bridge = this.#bridges.get(topic);
    this.#bridges.delete(topic);
    bridge?.close();
  }
}
