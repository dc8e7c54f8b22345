import { RawStream } from "./raw-stream.ts";

export const TRANSPORTS = ["ws", "sse", "ndjson", "poll"] as const;
export type Transport = (typeof TRANSPORTS)[number];
export type ReadFrame = { id: string; event: string; data: unknown };

type Where = { port: () => number; channel: string; headers: Record<string, string> };

/**
 * A subscriber that knows only what the documentation says: it keeps the last id it has had, and comes back with it
 * whenever its connection is over.
 */
export class ChannelReader {
  readonly transport: Transport;
  /** Every frame but `ready`, in the order they came. */
  readonly frames: ReadFrame[] = [];
  readonly #where: Where;
  readonly #again: () => number;
  /** Null: from now on. */
  #since: string | null;
  #stream: RawStream | undefined;
  #isReady = false;
  #isStopped = false;
  #block: Partial<Record<string, string>> = {};

  /** `again` gives the ms after which it comes back. */
  constructor(transport: Transport, where: Where, since: string | null, again = () => 20) {
    this.transport = transport;
    this.#where = where;
    this.#since = since;
    this.#again = again;
    this.#connect();
  }

  /** The channel has said where it is; a poll that waits has said nothing yet. */
  get isReady(): boolean {
    return this.#isReady;
  }

  get since(): string | null {
    return this.#since;
  }

  /**
   * Loses its connection, and comes back by itself. False: it was just coming. (A WebSocket that is lost between its
   * request and its answer stays open in the local runtime, which then never puts the object out of memory.)
   */
  cut(): boolean {
    if (!this.#stream || (this.transport === "ws" && !this.#isReady)) return false;
    this.#stream.cut();
    this.#comeBack();
    return true;
  }

  /** Goes away for good, or until `comeBack`. */
  leave(): void {
    this.#isStopped = true;
    this.#stream?.close();
  }

  comeBack(): void {
    this.#isStopped = false;
    this.#connect();
  }

  #comeBack(): void {
    this.#stream = undefined;
    this.#isReady = false;
    if (this.#isStopped) return;
    setTimeout(() => this.#isStopped || this.#connect(), this.#again());
  }

  #connect(): void {
    const { port, channel, headers } = this.#where;
    const query = this.#since === null ? "" : `?since=${this.#since}`;
    this.#block = {};
    const stream = new RawStream(
      {
        port: port(),
        path: `/api/v1/channels/${channel}/${this.transport}${query}`,
        headers: this.transport === "ws" ? { ...headers, upgrade: "websocket" } : headers,
      },
      {
        onHead: (status) => {
          if (status === 200 && this.transport === "poll") this.#isReady = true;
        },
        onLine: (line) => stream.status < 300 && this.#read(line.toString()),
        onEnd: () => this.#comeBack(),
      },
    );
    this.#stream = stream;
  }

  #read(line: string): void {
    if (this.transport === "sse") return this.#readEventStream(line);
    if (line.trim() === "") return;
    if (this.transport !== "poll") return this.#take(JSON.parse(line) as ReadFrame);
    const { data, next } = JSON.parse(line) as { data: ReadFrame[]; next: string };
    for (const frame of data) this.#take(frame);
    this.#since = next;
  }

  /** As a browser reads it: the position moves at the end of a block, and a block without data is no event. */
  #readEventStream(line: string): void {
    if (line !== "") {
      const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      if (name !== "") this.#block[name] = value;
      return;
    }
    const { id, event = "message", data } = this.#block;
    this.#block = {};
    if (id === undefined) return;
    if (data === undefined) this.#take({ id, event: "ready", data: null });
    else this.#take({ id, event, data: JSON.parse(data) });
  }

  #take(frame: ReadFrame): void {
    // `end` has no position.
    if (frame.id) this.#since = frame.id;
    if (frame.event === "ready") this.#isReady = true;
    else if (frame.event !== "end") this.frames.push(frame);
  }
}
