import { MAX_UNHEARD_CHARS } from "./constants.ts";

export type ClientEvents = {
  onMessage: (message: string | ArrayBuffer) => void;
  /** Once: it has closed, or is gone without a word. Not after `close`. */
  onGone: (isClosed: boolean) => void;
};

/**
 * A client's end of a connection. Nothing tells whether a client reads what it is sent: one that is not heard of is sent
 * so much and no more.
 */
export class ClientSocket {
  readonly #socket: WebSocket;
  #isOpen = true;
  #unheard = 0;
  #waiting: (() => void)[] = [];
  heardAt = Date.now();

  constructor(socket: WebSocket, { onMessage, onGone }: ClientEvents) {
    this.#socket = socket;
    const gone = (isClosed: boolean) => {
      if (!this.#isOpen) return;
      this.#end(1000);
      onGone(isClosed);
    };
    socket.addEventListener("message", ({ data }: MessageEvent) => {
      if (!this.#isOpen) return;
      this.#hear();
      onMessage(data as string | ArrayBuffer);
    });
    socket.addEventListener("close", ({ wasClean }: CloseEvent) => gone(wasClean));
    socket.addEventListener("error", () => gone(false));
    socket.binaryType = "arraybuffer";
    socket.accept();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(frame: object): void {
    if (!this.#isOpen) return;
    const text = JSON.stringify(frame);
    this.#unheard += text.length;
    try {
      this.#socket.send(text);
    } catch {
      // It is closing; the runtime says so by itself.
    }
  }

  /** Calls back when more may be sent: at once, or when the client is heard of. */
  whenRoom(go: () => void): void {
    if (this.#unheard <= MAX_UNHEARD_CHARS) go();
    else this.#waiting.push(go);
  }

  close(code: number, reason: string): void {
    if (this.#isOpen) this.#end(code, reason);
  }

  #hear(): void {
    this.heardAt = Date.now();
    this.#unheard = 0;
    for (const go of this.#waiting.splice(0)) go();
  }

  #end(code: number, reason?: string): void {
    this.#isOpen = false;
    this.#waiting = [];
    try {
      this.#socket.close(code, reason);
    } catch {
      // It is closed on both sides.
    }
  }
}
