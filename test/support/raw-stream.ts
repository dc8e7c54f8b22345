import { connect, type Socket } from "node:net";

export type RawRequest = {
  port: number;
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
};
export type RawEvents = {
  onHead?: (status: number) => void;
  /** A line of the answer's body without its end, or of a message; only valid during the call. */
  onLine: (line: Buffer) => void;
  /** The connection or the answer is over. A close frame gives its code. */
  onEnd: (code?: number) => void;
};

/**
 * A request over a socket of its own, read as lines: of a streamed answer, or of a WebSocket's messages. It does
 * nothing by itself: no retry, no ping; and `cut` ends it as a lost network does.
 */
export class RawStream {
  readonly #socket: Socket;
  readonly #events: RawEvents;
  readonly #isWebSocket: boolean;
  #read: (bytes: Buffer) => void = (bytes) => this.#readHead(bytes);
  /** Bytes of something that has not come as a whole yet. */
  #rest: Buffer = EMPTY;
  #line: Buffer = EMPTY;
  #isOver = false;
  status = 0;
  /** What came of messages, in bytes, as an `ack` says it of texts in ASCII. */
  receivedBytes = 0;

  constructor({ port, path, method = "GET", headers = {}, body }: RawRequest, events: RawEvents) {
    this.#events = events;
    this.#isWebSocket = headers.upgrade === "websocket";
    const lines = Object.entries({
      host: `127.0.0.1:${port}`,
      ...(this.#isWebSocket ? WEBSOCKET : { connection: "close" }),
      ...headers,
      ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (bytes: Buffer) => this.#read(bytes));
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => this.#end());
    this.#socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`);
  }

  /** Ends it without a word. */
  cut(): void {
    this.#isOver = true;
    this.#socket.resetAndDestroy();
  }

  /** Ends it with a FIN, and no close frame. */
  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  /** Stops reading, so that what is sent piles up. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** A text message of a WebSocket. */
  send(text: string): void {
    this.#socket.write(frameOf(1, Buffer.from(text)));
  }

  #end(code?: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onEnd(code);
    this.#socket.destroy();
  }

  #readHead(bytes: Buffer): void {
    const all = joined(this.#rest, bytes);
    const end = all.indexOf("\r\n\r\n");
    if (end < 0) {
      this.#rest = all;
      return;
    }
    const head = all.toString("latin1", 0, end);
    this.#rest = EMPTY;
    this.status = Number(head.slice(9, 12));
    this.#events.onHead?.(this.status);
    if (this.status === 101) this.#read = (more) => this.#readMessages(more);
    else if (/^transfer-encoding: *chunked/im.test(head)) {
      this.#read = (more) => this.#readChunks(more);
    } else {
      this.#read = (more) => this.#readLines(more, 0, more.length);
    }
    if (end + 4 < all.length) this.#read(all.subarray(end + 4));
  }

  #readMessages(bytes: Buffer): void {
    const all = joined(this.#rest, bytes);
    let at = 0;
    while (all.length - at >= 2) {
      const short = (all[at + 1] ?? 0) & 0x7f;
      const headSize = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (all.length - at < headSize) break;
      const size =
        short < 126
          ? short
          : short === 126
            ? all.readUInt16BE(at + 2)
            : Number(all.readBigUInt64BE(at + 2));
      const start = at + headSize;
      if (all.length - start < size) break;
      this.#readMessage((all[at] ?? 0) & 0x0f, all.subarray(start, start + size));
      at = start + size;
    }
    this.#rest = at < all.length ? all.subarray(at) : EMPTY;
  }

  #readMessage(opcode: number, payload: Buffer): void {
    if (opcode === 8) {
      this.#socket.write(frameOf(8, payload));
      this.#end(payload.length >= 2 ? payload.readUInt16BE(0) : 1005);
      return;
    }
    if (opcode > 2 || this.#isOver) return;
    this.receivedBytes += payload.length;
    this.#readLines(payload, 0, payload.length);
    if (this.#line.length === 0) return;
    const line = this.#line;
    this.#line = EMPTY;
    this.#events.onLine(line);
  }

  #readChunks(bytes: Buffer): void {
    const all = joined(this.#rest, bytes);
    let at = 0;
    for (;;) {
      const lineEnd = all.indexOf("\r\n", at);
      if (lineEnd < 0) break;
      const size = Number.parseInt(all.toString("latin1", at, lineEnd), 16);
      const start = lineEnd + 2;
      if (all.length < start + size + 2) break;
      if (size === 0) return this.#end();
      this.#readLines(all, start, start + size);
      at = start + size + 2;
    }
    this.#rest = at < all.length ? all.subarray(at) : EMPTY;
  }

  #readLines(bytes: Buffer, from: number, to: number): void {
    let at = from;
    for (;;) {
      const end = bytes.indexOf(10, at);
      if (end < 0 || end >= to || this.#isOver) break;
      const line = bytes.subarray(at, end);
      at = end + 1;
      if (this.#line.length > 0) {
        const whole = joined(this.#line, line);
        this.#line = EMPTY;
        this.#events.onLine(whole);
      } else this.#events.onLine(line);
    }
    if (at < to) this.#line = joined(this.#line, bytes.subarray(at, to));
  }
}

const EMPTY = Buffer.alloc(0);
const WEBSOCKET = {
  connection: "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

function joined(a: Buffer, b: Buffer): Buffer {
  return a.length === 0 ? b : Buffer.concat([a, b]);
}

/** A client's frame, masked with zeros. */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const size =
    payload.length < 126
      ? [0x80 | payload.length]
      : [0xfe, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...size, 0, 0, 0, 0]), payload]);
}
