import type { ChannelLog, NumberedFrame } from "./channel-log.ts";
import { type CloseCode, LOG_FRAMES, SOCKETS_A_BRIDGE, SOCKETS_AT_ONCE } from "./constants.ts";
import { EncodedFrames } from "./encoded-frames.ts";
import type { LoggedFrame } from "./frame.ts";
import { formatPosition } from "./frame-id.ts";
import { Outlet } from "./outlet.ts";
import type { Resume } from "./plan-resume.ts";
import { retryDelayMs } from "./retry-delay.ts";
import type { SocketWish } from "./rpc.ts";

/** The sockets of a channel's subscribers, each with its place in the log. */
export class Subscribers {
  readonly #ctx: DurableObjectState;
  readonly #log: ChannelLog;
  readonly #outlets = new Map<WebSocket, Outlet>();

  /** Those that the object had before it slept are there again. */
  constructor(ctx: DurableObjectState, log: ChannelLog) {
    this.#ctx = ctx;
    this.#log = log;
    for (const socket of ctx.getWebSockets()) {
      this.#outlets.set(socket, Outlet.wake(socket, log.last));
    }
  }

  get count(): number {
    return this.#outlets.size;
  }

  /** Takes a socket in, says where it is, and sends it what it has not had. */
  admit(socket: WebSocket, wish: Omit<SocketWish, "since">, resume: Resume, now: number): void {
    this.#ctx.acceptWebSocket(socket);
    const outlet = Outlet.open(socket, { wish, openedAt: now }, resume.after);
    this.#outlets.set(socket, outlet);
    this.#greet(outlet, resume, now);
    this.#pump(outlet);
  }

  /** What a socket says: at least that it is there, and perhaps how much it has read. */
  hear(socket: WebSocket, message: string | ArrayBuffer): void {
    const outlet = this.#outlets.get(socket);
    if (!outlet) return;
    outlet.hear();
    const acked = typeof message === "string" ? /^ack (\d{1,15})$/.exec(message)?.[1] : undefined;
    if (acked === undefined) return;
    outlet.acknowledge(Number(acked));
    if (outlet.isBehind) this.#pump(outlet);
  }

  forget(socket: WebSocket): void {
    this.#outlets.delete(socket);
  }

  /** Ends sockets whose time is over. Gives the times of the others (ms UTC). */
  endDue(now: number): number[] {
    for (const outlet of this.#outlets.values()) {
      const { until, untilCode } = outlet.wish;
      if (until === null || until > now) continue;
      outlet.end(untilCode);
      this.#outlets.delete(outlet.socket);
    }
    return [...this.#outlets.values()].flatMap(({ wish }) => wish.until ?? []);
  }

  /** Ends the oldest of those whose number is limited, until there are so many at most. */
  endOldest(most: number): void {
    const limited = [...this.#outlets.values()].filter(({ wish }) => wish.most !== undefined);
    // Those that the object had before it slept are in no order.
    limited.sort((a, b) => a.openedAt - b.openedAt);
    for (const outlet of limited.slice(0, Math.max(0, limited.length - most))) {
      this.#drop(outlet, 4429);
    }
  }

  /** Sends texts as they are. One who has no room misses them. */
  broadcast(texts: string[]): void {
    const joined = texts.join("\n");
    for (const outlet of this.#outlets.values()) {
      if (!this.#hasRoom(outlet)) continue;
      for (const text of outlet.wish.batch ? [joined] : texts) outlet.sendRaw(text);
    }
  }

  /**
   * Some sockets at a time: publishers get a turn between, and bridges that all want their Worker's at once would stand
   * in each other's way.
   */
  async send(frames: NumberedFrame[]): Promise<void> {
    const [first, last] = [frames[0], frames.at(-1)];
    if (!first || !last) return;
    const encoded = new EncodedFrames(frames);
    let turn = 0;
    for (const outlet of this.#outlets.values()) {
      // One who came meanwhile has had them from the log.
      if (outlet.cursor >= last.seq) continue;
      if (turn >= SOCKETS_AT_ONCE) {
        await scheduler.wait(0);
        turn = 0;
      }
      turn += outlet.wish.format === "json" ? 1 : SOCKETS_A_BRIDGE;
      const isNext = outlet.cursor === first.seq - 1 && !outlet.isBehind;
      if (isNext && this.#hasRoom(outlet)) outlet.send(encoded, last.seq);
      else this.#pump(outlet);
    }
  }

  /** Sends from the log what a subscriber has not had, as far as it has room. */
  #pump(outlet: Outlet): void {
    while (outlet.cursor < this.#log.last) {
      if (!this.#hasRoom(outlet)) {
        if (outlet.wish.acks && outlet.wish.slow === "drop") outlet.fallBehind();
        else this.#drop(outlet, 4408);
        return;
      }
      const frames = this.#log.read(outlet.cursor + 1, LOG_FRAMES);
      const [first, last] = [frames[0], frames.at(-1)];
      if (!first || !last) break;
      const missed = this.#gapBetween(outlet.cursor, first.seq);
      outlet.send(new EncodedFrames(missed ? [missed, ...frames] : frames), last.seq);
    }
    outlet.catchUp();
  }

  /** Where the socket is, and what it has missed for good. */
  #greet(outlet: Outlet, { ready, gap }: Resume, at: number): void {
    const frames: LoggedFrame[] = [{ id: ready, event: "ready", data: "null", at }];
    if (gap) frames.push({ id: gap.to, event: "gap", data: JSON.stringify(gap), at });
    outlet.send(new EncodedFrames(frames, retryDelayMs()), outlet.cursor);
  }

  #gapBetween(cursor: number, next: number): LoggedFrame | null {
    if (next === cursor + 1) return null;
    const [from, to] = [cursor + 1, next - 1].map((seq) =>
      formatPosition({ epoch: this.#log.epoch, seq }),
    );
    return { id: to ?? "", event: "gap", data: JSON.stringify({ from, to }), at: Date.now() };
  }

  /** A socket that does not acknowledge is heard of by its pings, which the runtime answers by itself. */
  #hasRoom(outlet: Outlet): boolean {
    if (outlet.hasRoom) return true;
    if (outlet.wish.acks) return false;
    const heardAt = this.#ctx.getWebSocketAutoResponseTimestamp(outlet.socket)?.getTime() ?? 0;
    return outlet.hearPing(heardAt);
  }

  #drop(outlet: Outlet, code: CloseCode): void {
    outlet.end(code);
    this.#outlets.delete(outlet.socket);
  }
}
