import { type SocketWish, sourceTopic, toQuery } from "../channels/index.ts";
import type { Context } from "../context.ts";
import { log } from "../log.ts";
import { Hint } from "./hint.ts";
import type { LiveSource } from "./live-sources.ts";

/** The stream ends by itself, and its sockets with it: their object needs no clock for them. */
const WISH: SocketWish = {
  format: "json",
  batch: true,
  since: null,
  until: null,
  untilCode: 4409,
  slow: "drop",
  acks: false,
};

/** Sockets to the channels of sources. */
export class SourceSockets {
  readonly #ctx: Context;
  readonly #onHint: (hint: Hint) => void;
  readonly #onClose: () => void;
  readonly #sockets = new Map<string, WebSocket>();

  /** `onClose`: a socket was closed by its object; `open` opens it again. */
  constructor(ctx: Context, onHint: (hint: Hint) => void, onClose: () => void) {
    this.#ctx = ctx;
    this.#onHint = onHint;
    this.#onClose = onClose;
  }

  /** Opens a socket for each source that has none; false when one could not be opened. Closes those of other sources. */
  async open(sources: readonly LiveSource[]): Promise<boolean> {
    const wanted = new Set(sources.map(({ id }) => id));
    for (const [id, socket] of this.#sockets) if (!wanted.has(id)) this.#close(id, socket);
    const missing = [...wanted].filter((id) => !this.#sockets.has(id));
    const opened = await Promise.all(missing.map((id) => this.#openOne(id)));
    return opened.every(Boolean);
  }

  /** Says that somebody is there: what says nothing for long is sent nothing more. */
  ping(): void {
    for (const socket of this.#sockets.values()) {
      try {
        socket.send("ping");
      } catch {
        // It is closing, which is told by itself.
      }
    }
  }

  closeAll(): void {
    for (const [id, socket] of this.#sockets) this.#close(id, socket);
  }

  async #openOne(sourceId: string): Promise<boolean> {
    try {
      const channel = this.#ctx.channels.getByName(sourceTopic(sourceId));
      const { webSocket } = await channel.fetch(`https://channel/?${toQuery(WISH).toString()}`, {
        headers: { upgrade: "websocket" },
      });
      if (!webSocket) throw new Error("the channel takes no more sockets");
      webSocket.accept();
      this.#sockets.set(sourceId, webSocket);
      webSocket.addEventListener("message", ({ data }) => this.#read(String(data)));
      for (const end of ["close", "error"] as const) {
        webSocket.addEventListener(end, () => {
          if (this.#sockets.get(sourceId) !== webSocket) return;
          this.#sockets.delete(sourceId);
          this.#onClose();
        });
      }
      return true;
    } catch (error) {
      log.warn("source_not_heard", { sourceId, error });
      return false;
    }
  }

  #close(sourceId: string, socket: WebSocket): void {
    this.#sockets.delete(sourceId);
    try {
      socket.close(1000);
    } catch {
      // It is closed.
    }
  }

  /** Whatever is no hint (the channel's greeting, an answer to a ping) is none of ours. */
  #read(text: string): void {
    for (const line of text.split("\n")) {
      if (!line.startsWith("{")) continue;
      const hint = Hint.safeParse(JSON.parse(line));
      if (hint.success) this.#onHint(hint.data);
    }
  }
}
