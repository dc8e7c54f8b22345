import {
  CLOSE_REASONS,
  type CloseCode,
  MAX_UNACKED_BYTES,
  MAX_UNHEARD_BYTES,
} from "./constants.ts";
import type { EncodedFrames } from "./encoded-frames.ts";
import type { SocketWish } from "./rpc.ts";

/** What survives the object's sleep, on the socket itself. `behind`: it waits; the last frame that it was sent. */
type Attachment = {
  wish: Omit<SocketWish, "since">;
  /** ms UTC. */
  openedAt: number;
  behind?: number;
};

/** A subscriber's socket: how far it is, and how much it may be sent. */
export class Outlet {
  readonly socket: WebSocket;
  readonly wish: Attachment["wish"];
  readonly openedAt: number;
  /** Number of the last frame that was sent. */
  cursor: number;
  #isBehind: boolean;
  /** Of this socket in all; both begin anew when the object has slept, until the first acknowledgement. */
  #sentBytes = 0;
  #ackedBytes = 0;
  #isInStep: boolean;
  /** Since it was last heard of. */
  #unheardBytes = 0;
  #pingAt = 0;

  private constructor(
    socket: WebSocket,
    { wish, openedAt, behind }: Attachment,
    last: number,
    isNew: boolean,
  ) {
    this.socket = socket;
    this.wish = wish;
    this.openedAt = openedAt;
    this.cursor = behind ?? last;
    this.#isBehind = behind !== undefined;
    this.#isInStep = isNew;
  }

  /** A socket that was just accepted. */
  static open(
    socket: WebSocket,
    asked: Pick<Attachment, "wish" | "openedAt">,
    cursor: number,
  ): Outlet {
    const outlet = new Outlet(socket, asked, cursor, true);
    outlet.#attach();
    return outlet;
  }

  /** A socket that the object had before it slept: it was sent everything, unless it says otherwise. */
  static wake(socket: WebSocket, last: number): Outlet {
    return new Outlet(socket, socket.deserializeAttachment() as Attachment, last, false);
  }

  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Whether more may be sent now. */
  get hasRoom(): boolean {
    return this.wish.acks
      ? this.#sentBytes - this.#ackedBytes < MAX_UNACKED_BYTES
      : this.#unheardBytes < MAX_UNHEARD_BYTES;
  }

  /** Marks a socket that has no room: it is sent the rest when it has read what it has. */
  fallBehind(): void {
    this.#isBehind = true;
    this.#attach();
  }

  catchUp(): void {
    if (!this.#isBehind) return;
    this.#isBehind = false;
    this.#attach();
  }

  /** Sends frames; the last one's number is where the socket is then. */
  send(encoded: EncodedFrames, cursor: number): void {
    for (const message of encoded.messages(this.wish.format, this.wish.batch))
      this.sendRaw(message);
    this.cursor = cursor;
  }

  sendRaw(message: string | Uint8Array): void {
    const size = typeof message === "string" ? message.length : message.byteLength;
    this.#sentBytes += size;
    this.#unheardBytes += size;
    try {
      this.socket.send(message);
    } catch {
      // It is closing; the runtime says so by itself.
    }
  }

  /** It has read this much in all: bytes of binary messages, UTF-16 units of texts. */
  acknowledge(total: number): void {
    if (!this.#isInStep) this.#sentBytes = total;
    this.#isInStep = true;
    this.#ackedBytes = Math.min(Math.max(total, this.#ackedBytes), this.#sentBytes);
  }

  hear(): void {
    this.#unheardBytes = 0;
  }

  /** Its latest ping (ms UTC). True when that is news, which makes room. */
  hearPing(at: number): boolean {
    if (at <= this.#pingAt) return false;
    this.#pingAt = at;
    this.#unheardBytes = 0;
    return true;
  }

  end(code: CloseCode): void {
    try {
      this.socket.close(code, CLOSE_REASONS[code]);
    } catch {
      // It is closed.
    }
  }

  #attach(): void {
    const behind = this.#isBehind ? { behind: this.cursor } : {};
    const attachment: Attachment = { wish: this.wish, openedAt: this.openedAt, ...behind };
    this.socket.serializeAttachment(attachment);
  }
}
