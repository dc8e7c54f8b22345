import { HEARTBEAT_MS } from "./constants.ts";

const encoder = new TextEncoder();

/** Writes an event stream, with a heartbeat while nothing else is being written. */
export class SseWriter {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #timer: ReturnType<typeof setInterval>;
  #writing = 0;

  /** `onGone`: the reader is not there any more. */
  constructor(writable: WritableStream<Uint8Array>, onGone: () => void) {
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(onGone);
    this.#timer = setInterval(() => {
      if (this.#writing === 0) this.write(":\n\n").catch(onGone);
    }, HEARTBEAT_MS);
  }

  /** Waits until the reader has room. */
  async write(text: string): Promise<void> {
    this.#writing++;
    try {
      await this.#writer.write(encoder.encode(text));
    } finally {
      this.#writing--;
    }
  }

  /** Ends the stream; what waits to be written is given up. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    // A reader that is gone reads no end either.
    await (this.#writing === 0 ? this.#writer.close() : this.#writer.abort()).catch(() => {});
  }

  /** Gives up what waits to be written. */
  abort(): void {
    this.#writer.abort().catch(() => {});
  }
}
