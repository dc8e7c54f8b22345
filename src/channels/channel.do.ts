import { DurableObject } from "cloudflare:workers";
import { ChannelLog, type NumberedFrame } from "./channel-log.ts";
import {
  COALESCE_MS,
  COALESCE_MS_PER_SOCKET,
  LOG_AGE_MS,
  MAX_PENDING_FRAMES,
  MAX_SOCKETS,
  PRUNE_EVERY_MS,
} from "./constants.ts";
import { formatPosition } from "./frame-id.ts";
import { inMessages } from "./in-messages.ts";
import { planResume } from "./plan-resume.ts";
import type { ChannelRpc, ChannelState, History, Publish, Published, Since } from "./rpc.ts";
import { fromQuery } from "./socket-wish.ts";
import { Subscribers } from "./subscribers.ts";

/**
 * A realtime topic: a bounded log, and the sockets of its subscribers. It sleeps while nobody publishes; its sockets
 * stay open meanwhile. What it knows in memory it can make again from its storage and from what is attached to sockets.
 */
export class Channel extends DurableObject<ObjectsEnv> implements ChannelRpc {
  readonly #instance = crypto.randomUUID();
  readonly #log: ChannelLog;
  readonly #subscribers: Subscribers;
  #pending: NumberedFrame[] = [];
  /** Settles when what is pending, or under way, has been sent. */
  #flushed: Promise<void> | null = null;
  #flushedAt = 0;
  #isPruneSet = false;

  constructor(ctx: DurableObjectState, env: ObjectsEnv) {
    super(ctx, env);
    this.#log = new ChannelLog(ctx.storage);
    this.#subscribers = new Subscribers(ctx, this.#log);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /**
   * Appends to the log and sends to every subscriber; all frames that it lacks or none. Its answer waits for the disk,
   * as the sends do, and for the sending when that lags: publishers must not leave every reader behind the log.
   */
  async publish(input: Publish): Promise<Published> {
    while (this.#pending.length >= MAX_PENDING_FRAMES) await this.#flushed;
    const now = Date.now();
    const sockets = this.#subscribers.count;
    const first = this.#log.findPublished(input, now);
    if (first) return first.kind === "published" ? { ...first, sockets } : first;
    const { had, missing } = this.#log.placeOf(input);
    if (missing !== null) return { kind: "missing", from: missing };
    const { frames, ordered } = input;
    const earlier = ordered?.findEarlier && { earlier: this.#log.findIds(frames.slice(0, had)) };
    const isRepeat = had > 0 && had === frames.length;
    const ids = isRepeat ? [] : await this.#append(without(input, had), now);
    return { kind: "published", ids, isRepeat, sockets, ...earlier };
  }

  async history(since: Since, limit: number): Promise<History> {
    const { after, gap } = planResume(since, this.#log.boundsAt(Date.now()));
    const frames = this.#log.read(after + 1, limit);
    const position = formatPosition({ epoch: this.#log.epoch, seq: frames.at(-1)?.seq ?? after });
    return { frames: frames.map(({ seq: _, ...frame }) => frame), gap, position };
  }

  /** Sends texts as they are to every subscriber, and keeps nothing. One who has no room misses them. */
  async broadcast(texts: string[]): Promise<void> {
    this.#subscribers.broadcast(texts);
  }

  async describe(): Promise<ChannelState> {
    const sockets = this.#subscribers.count;
    return { name: this.ctx.id.name ?? "", instance: this.#instance, sockets };
  }

  /** The upgrade of a subscriber's socket. */
  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return new Response("A channel's object speaks WebSocket only.", { status: 426 });
    }
    if (this.#subscribers.count >= MAX_SOCKETS) {
      return new Response("This channel has as many subscribers as it can have.", {
        status: 503,
        headers: { "retry-after": "5" },
      });
    }
    const now = Date.now();
    const { since, ...wish } = fromQuery(new URL(request.url).searchParams);
    const resume = planResume(since, this.#log.boundsAt(now));
    const { 0: client, 1: server } = new WebSocketPair();
    if (wish.most !== undefined) this.#subscribers.endOldest(wish.most - 1);
    this.#subscribers.admit(server, wish, resume, now);
    if (wish.until !== null) await this.#wakeAt(wish.until);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#subscribers.hear(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#subscribers.forget(socket);
    try {
      // 1005 and 1006 say that there was no code: nobody may send them.
      socket.close(code === 1005 || code === 1006 ? 1000 : code);
    } catch {
      // It is closed on both sides.
    }
  }

  override webSocketError(socket: WebSocket): void {
    this.#subscribers.forget(socket);
  }

  /** Ends sockets whose time is over, and forgets frames beyond their age. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const times = this.#subscribers.endDue(now);
    this.#isPruneSet = this.#log.prune(now);
    if (this.#isPruneSet) times.push(now + PRUNE_EVERY_MS);
    if (times.length > 0) await this.ctx.storage.setAlarm(times.reduce((a, b) => Math.min(a, b)));
  }

  async #append(input: Publish, now: number): Promise<string[]> {
    const frames = this.#log.append(input, now);
    this.#pending.push(...frames);
    this.#flushSoon();
    await this.#pruneLater(now);
    return frames.map(({ id }) => id);
  }

  /** The first frame after a pause goes at once, after its publisher's answer; those that come close behind it together. */
  #flushSoon(): void {
    if (this.#flushed) return;
    const window = Math.max(COALESCE_MS, COALESCE_MS_PER_SOCKET * this.#subscribers.count);
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
      for (const group of inMessages(frames)) await this.#subscribers.send(group);
    } finally {
      this.#flushed = null;
      if (this.#pending.length > 0) this.#flushSoon();
    }
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

/** The publish as it is when its first frames are left out. */
function without({ frames, ordered, ...input }: Publish, had: number): Publish {
  return {
    ...input,
    frames: frames.slice(had),
    ...(ordered && { ordered: { ...ordered, first: ordered.first + had } }),
  };
}
