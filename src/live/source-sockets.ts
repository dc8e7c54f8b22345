import { type Bridge, openBridge, sourceTopic } from "../channels/index.ts";
import type { Context } from "../context.ts";
import { log } from "../log.ts";
import { Hint } from "./hint.ts";
import type { LiveSource } from "./live-sources.ts";

/** Only what is told from now on; the stream ends by itself, so the channel needs no clock for it. */
const WISH = {
  format: "json",
  batch: true,
  since: null,
  until: null,
  untilCode: 4409,
  slow: "drop",
} as const;

/** Sockets to the channels of sources. */
export class SourceSockets {
  readonly #ctx: Context;
  readonly #onHint: (hint: Hint) => void;
  readonly #onLost: () => void;
  readonly #bridges = new Map<string, Bridge>();
  #isClosed = false;

  /** `onLost`: a socket is gone; `open` opens it again. */
  constructor(ctx: Context, onHint: (hint: Hint) => void, onLost: () => void) {
    this.#ctx = ctx;
    this.#onHint = onHint;
    this.#onLost = onLost;
  }

  /** Opens a socket for each source that has none; false when one could not be opened. Closes those of other sources. */
  async open(sources: readonly LiveSource[]): Promise<boolean> {
    const wanted = new Set(sources.map(({ id }) => id));
    for (const id of this.#bridges.keys()) if (!wanted.has(id)) this.#close(id);
    const missing = [...wanted].filter((id) => !this.#bridges.has(id));
    const opened = await Promise.all(missing.map((id) => this.#openOne(id)));
    return opened.every(Boolean);
  }

  closeAll(): void {
    this.#isClosed = true;
    for (const id of this.#bridges.keys()) this.#close(id);
  }

  async #openOne(sourceId: string): Promise<boolean> {
    try {
      const bridge = await openBridge(this.#ctx.channels, sourceTopic(sourceId), WISH, {
        onMessage: (message, done) => {
          if (typeof message === "string") this.#read(message);
          done();
        },
        onEnd: () => {
          // One that we have closed ourselves is in the map no more.
          if (this.#bridges.delete(sourceId)) this.#onLost();
        },
      });
      this.#bridges.set(sourceId, bridge);
      if (this.#isClosed) this.#close(sourceId);
      return true;
    } catch (error) {
      log.warn("source_not_heard", { sourceId, error });
      return false;
    }
  }

  #close(sourceId: string): void {
    const bridge = this.#bridges.get(sourceId);
    this.#bridges.delete(sourceId);
    bridge?.close();
  }

  /** What is no hint, as the channel's greeting, is none of ours. */
  #read(text: string): void {
    for (const line of text.split("\n")) {
      const hint = Hint.safeParse(JSON.parse(line));
      if (hint.success) this.#onHint(hint.data);
    }
  }
}
