import { DurableObject } from "cloudflare:workers";
import { ChannelLog, type NumberedFrame } from "./channel-log.ts";
import {
  COALESCE_MS,
  COALESCE_MS_PER_SOCKET,
  LOG_AGE_MS,
  LOG_FRAMES,
  MAX_PENDING_FRAMES,
  MAX_SOCKETS,
  PRUNE_EVERY_MS,
  SOCKETS_A_BRIDGE,
  SOCKETS_AT_ONCE,
} from "./constants.ts";
import { EncodedFrames } from "./encoded-frames.ts";
import type { LoggedFrame } from "./frame.ts";
import { formatPosition } from "./frame-id.ts";
import { inMessages } from "./in-messages.ts";
import { Outlet } from "./outlet.ts";
import { planResume, type Resume } from "./plan-resume.ts";
import { retryDelayMs } from "./retry-delay.ts";
import type { ChannelRpc, ChannelState, History, Publish, Published, Since } from "./rpc.ts";
import { fromQuery } from "./socket-wish.ts";

/**
 * A realtime topic: a bounded log, and the sockets of its subscribers. It sleeps while nobody publishes; its sockets
 * stay open meanwhile. What it knows in memory it can make again from its storage and from what is attached to sockets.
 */
export class Channel extends DurableObject<ObjectsEnv> implements ChannelRpc {
  readonly #instance = crypto.randomUUID();
  readonly #log: ChannelLog;
  readonly #outlets = new Map<WebSocket, Outlet>();
  #pending: NumberedFrame[] = [];
  /** Settles when what is pending, or under way, has been sent. */
  #flushed: Promise<void> | null = null;
  #flushedAt = 0;
  #isPruneSet = false;

  constructor(ctx: DurableObjectState, env: ObjectsEnv) {
    super(ctx, env);
    this.#log = new ChannelLog(ctx.storage);
    for (const socket of ctx.getWebSockets()) {
      this.#outlets.set(socket, Outlet.wake(socket, this.#log.last));
    }
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /**
   * Appends to the log and sends to every subscriber; all frames or none. Its answer waits for the disk, as the sends
   * do, and for the sending when that lags: publishers must not leave every reader behind the log.
   */
  async publish(input: Publish): Promise<Published> {
    while (this.#pending.length >= MAX_PENDING_FRAMES) await this.#flushed;
    const now = Date.now();
    const earlier = this.#log.findPublished(input, now);
    if (earlier) return earlier;
    const frames = this.#log.append(input, now);
    this.#pending.push(...frames);
    this.#flushSoon();
    await this.#pruneLater(now);
    return { kind: "published", ids: frames.map(({ id }) => id), isRepeat: false };
  }

  async history(since: Since, limit: number): Promise<History> {
    const { after, gap } = planResume(since, this.#log.boundsAt(Date.now()));
    const frames = this.#log.read(after + 1, limit);
    const position = formatPosition({ epoch: this.#log.epoch, seq: frames.at(-1)?.seq ?? after });
    return { frames: frames.map(({ seq: _, ...frame }) => frame), gap, position };
  }

  /** Sends texts as they are to every subscriber, and keeps nothing. One who has no room misses them. */
  async broadcast(texts: string[]): Promise<void> {
    const joined = texts.join("\n");
    for (const outlet of this.#outlets.values()) {
      if (!this.#hasRoom(outlet)) continue;
      for (const text of outlet.wish.batch ? [joined] : texts) outlet.sendRaw(text);
    }
  }

  async describe(): Promise<ChannelState> {
    const sockets = this.#outlets.size;
    return { name: this.ctx.id.name ?? "", instance: this.#instance, sockets };
  }

  /** The upgrade of a subscriber's socket. */
  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return new Response("A channel's object speaks WebSocket only.", { status: 426 });
    }
    if (this.#outlets.size >= MAX_SOCKETS) {
      return new Response("This channel has as many subscribers as it can have.", {
        status: 503,
        headers: { "retry-after": "5" },
      });
    }
    const now = Date.now();
    const { since, ...wish } = fromQuery(new URL(request.url).searchParams);
    const resume = planResume(since, this.#log.boundsAt(now));
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    const outlet = Outlet.open(server, wish, resume.after);
    this.#outlets.set(server, outlet);
    this.#greet(outlet, resume, now);
    this.#pump(outlet);
    if (wish.until !== null) await this.#wakeAt(wish.until);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const outlet = this.#outlets.get(socket);
    if (!outlet) return;
    outlet.hear();
    const acked = typeof message === "string" ? /^ack (\d{1,15})$/.exec(message)?.[1] : undefined;
    if (acked === undefined) return;
    outlet.acknowledge(Number(acked));
    if (outlet.isBehind) this.#pump(outlet);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#outlets.delete(socket);
    try {
      // 1005 and 1006 say that there was no code: nobody may send them.
      socket.close(code === 1005 || code === 1006 ? 1000 : code);
    } catch {
      // It is closed on both sides.
    }
  }

  override webSocketError(socket: WebSocket): void {
    this.#outlets.delete(socket);
  }

  /** Ends sockets whose time is over, and forgets frames beyond their age. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    for (const outlet of this.#outlets.values()) {
      const { until, untilCode } = outlet.wish;
      if (until === null || until > now) continue;
      outlet.end(untilCode);
      this.#outlets.delete(outlet.socket);
    }
    const times = [...this.#outlets.values()].flatMap(({ wish }) => wish.until ?? []);
    this.#isPruneSet = this.#log.prune(now);
    if (this.#isPruneSet) times.push(now + PRUNE_EVERY_MS);
    if (times.length > 0) await this.ctx.storage.setAlarm(times.reduce((a, b) => Math.min(a, b)));
  }

  /** The first frame after a pause goes at once, after its publisher's answer; those that come close behind it together. */
  #flushSoon(): void {
    if (this.#flushed) return;
    const window = Math.max(COALESCE_MS, COALESCE_MS_PER_SOCKET * this.#outlets.size);
    const wait = Math.min(window, Math.max(0, this.#flushedAt + window - Date.now()));
    this.#flushed = new Promise((resolve) => {
      setTimeout(() => resolve(this.#flush()), wait);
    });
  }

  async #flush(): Promise<void> {
    this.#flushedAt = Date.now();
    const frames = this.#pending;
    this.#pending = [];
    try {
      for (const group of inMessages(frames)) await this.#sendGroup(group);
    } finally {
      this.#flushed = null;
      if (this.#pending.length > 0) this.#flushSoon();
    }
  }

  /**
   * Some sockets at a time: publishers get a turn between, and bridges that all want their Worker's at once would stand
   * in each other's way.
   */
  async #sendGroup(frames: NumberedFrame[]): Promise<void> {
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
        else this.#drop(outlet);
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
    const heardAt = this.ctx.getWebSocketAutoResponseTimestamp(outlet.socket)?.getTime() ?? 0;
    return outlet.hearPing(heardAt);
  }

  #drop(outlet: Outlet): void {
    outlet.end(4408);
    this.#outlets.delete(outlet.socket);
  }

  async #pruneLater(now: number): Promise<void> {
    if (this.#isPruneSet) return;
    this.#isPruneSet = true;
    await this.#wakeAt(now + LOG_AGE_MS + 1);
  }

  async #wakeAt(time: number): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > time) await this.ctx.storage.setAlarm(time);
  }
}
