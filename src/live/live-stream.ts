import {
  type FrameSink,
  retryDelayMs,
  STREAM_STYLES,
  sourceTopic,
  TopicSockets,
} from "../channels/index.ts";
import type { Context } from "../context.ts";
import { log } from "../log.ts";
import {
  FIRST_REREAD_MS,
  REOPEN_MS,
  REREAD_MS,
  SOURCES_CHECK_MS,
  WATCH_CHECK_MS,
} from "./constants.ts";
import { formatCursor, readCursor } from "./cursor.ts";
import { Hint } from "./hint.ts";
import { Inbox } from "./inbox.ts";
import { type LiveSource, markWatched, selectLiveSources } from "./live-sources.ts";
import { type LiveFrame, LiveView } from "./live-view.ts";

export type LiveWish = {
  /** Null: all sources of the organization. */
  sourceId: string | null;
  since: string | undefined;
  /** How long the stream may last, in milliseconds. */
  lifeMs: number;
};

const encoder = new TextEncoder();

/**
 * What happens at some sources, as an event stream: hints of the consumer say which rows have changed, and the database
 * says what they are.
 */
export class LiveStream {
  readonly #ctx: Context;
  readonly #wish: LiveWish;
  readonly #sink: FrameSink;
  readonly #inbox = new Inbox();
  readonly #sockets: TopicSockets;
  readonly #view: LiveView;
  readonly #endsAt: number;
  #isOver = false;
  #giveUpWrite = () => {};
  /** When each of these is due (ms UTC). */
  #readAt = 0;
  #openAt = 0;
  #markAt = 0;
  #sourcesAt = 0;
  #readEveryMs = FIRST_REREAD_MS;
  #reopenMs = REOPEN_MS;

  constructor(ctx: Context, wish: LiveWish, sources: readonly LiveSource[], sink: FrameSink) {
    const now = Date.now();
    this.#ctx = ctx;
    this.#wish = wish;
    this.#sink = sink;
    this.#endsAt = now + wish.lifeMs;
    this.#view = new LiveView(ctx, sources, readCursor(wish.since, now) ?? now);
    this.#sockets = new TopicSockets(ctx.channels, {
      onLine: (line) => {
        const hint = Hint.safeParse(JSON.parse(line));
        // What is none, as the channel's greeting, is none of ours.
        if (hint.success) this.#inbox.put(hint.data);
      },
      onLost: () => this.#openSoon(),
    });
  }

  /** Makes sure that nothing is missed from here on. Throws when the database cannot be asked. */
  async begin(): Promise<void> {
    if (readCursor(this.#wish.since, this.#endsAt) === null) await this.#view.skip();
    // In this order: what is stored after the mark and the socket is told of, what was before is read.
    await this.#mark();
    await this.#open();
  }

  /** Shows what there is and what comes, until the stream ends or is closed. Never throws. */
  async run(): Promise<void> {
    // The reader may be stuck in the middle of a write, at which an end would wait for ever.
    const limit = setTimeout(() => this.close(), this.#wish.lifeMs + REREAD_MS);
    try {
      await this.#write(`id: ${formatCursor(this.#view.position)}\nretry: ${retryDelayMs()}\n\n`);
      while (!this.#isOver && Date.now() < this.#endsAt) await this.#turn();
    } catch (error) {
      // A reader that is gone is how streams end.
      if (!this.#isOver) log.error("live_stream_failed", { error });
    }
    clearTimeout(limit);
    this.close();
  }

  /** Leaves nothing open. The first time it tells the reader to come back. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sockets.closeAll();
    this.#giveUpWrite();
    this.#inbox.ring();
    this.#sink.end(encoder.encode(STREAM_STYLES.sse.end('{"code":4409,"reason":"renew"}')));
  }

  /** Waits for something to do, and does it. */
  async #turn(): Promise<void> {
    const due = [this.#readAt, this.#openAt, this.#markAt, this.#sourcesAt, this.#endsAt];
    await this.#inbox.wait(Math.min(...due));
    if (this.#isOver) return;
    const hint = this.#inbox.take();
    try {
      const now = Date.now();
      if (now >= this.#markAt) await this.#mark();
      if (now >= this.#sourcesAt) await this.#findSources();
      if (now >= this.#openAt) await this.#open();
      if (hint) await this.#show(this.#view.readNamed(hint));
      if (hint === null || now >= this.#readAt) await this.#readNew();
    } catch (error) {
      if (this.#isOver) throw error;
      // The database could not be asked: what was told of is read with everything new, as soon as it can be.
      log.warn("live_not_read", { error });
      this.#inbox.keep(hint);
      this.#readAt = Date.now() + FIRST_REREAD_MS;
      this.#markAt = Math.max(this.#markAt, this.#readAt);
      this.#sourcesAt = Math.max(this.#sourcesAt, this.#readAt);
    }
  }

  async #readNew(): Promise<void> {
    const before = this.#view.position;
    await this.#show(this.#view.readNew());
    this.#readAt = Date.now() + this.#readEveryMs;
    // Sockets that have held for so long are opened again at once when they are lost.
    if (this.#readEveryMs === REREAD_MS && this.#openAt === Number.POSITIVE_INFINITY)
      this.#reopenMs = REOPEN_MS;
    // Soon again at first: a batch that was under way when the mark was set tells nobody.
    this.#readEveryMs = Math.min(REREAD_MS, this.#readEveryMs * 2);
    // Moves the reader's position, and is no event to it.
    const { position } = this.#view;
    if (position > before) await this.#write(`id: ${formatCursor(position)}\n\n`);
  }

  async #show(frames: AsyncIterable<LiveFrame>): Promise<void> {
    for await (const { event, data, position } of frames) {
      const id = formatCursor(position);
      await this.#write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    }
  }

  async #mark(): Promise<void> {
    await markWatched(this.#ctx, this.#view.sources);
    this.#markAt = Date.now() + WATCH_CHECK_MS;
  }

  /** A channel that cannot be reached is no end: the database is read in any case, only later. */
  async #open(): Promise<void> {
    this.#openAt = Number.POSITIVE_INFINITY;
    const topics = this.#view.sources.map(({ id }) => sourceTopic(id));
    this.#sockets.keepOnly(topics);
    if (!(await this.#sockets.open(topics))) this.#openSoon();
    // Whatever was told meanwhile has been missed.
    this.#readAt = Date.now();
  }

  /** Each time later, since each opening is a read of the database too. */
  #openSoon(): void {
    if (this.#openAt === Number.POSITIVE_INFINITY) {
      this.#openAt = Date.now() + this.#reopenMs * (1 + Math.random());
      this.#reopenMs = Math.min(this.#reopenMs * 2, REREAD_MS);
    }
    this.#inbox.ring();
  }

  /** Sources that were made or deleted meanwhile. */
  async #findSources(): Promise<void> {
    const isOne = this.#wish.sourceId !== null;
    this.#sourcesAt = isOne ? Number.POSITIVE_INFINITY : Date.now() + SOURCES_CHECK_MS;
    if (isOne) return;
    const sources = await selectLiveSources(this.#ctx, null);
    const known = this.#view.sources.map(({ id }) => id).join();
    if (sources.map(({ id }) => id).join() === known) return;
    this.#view.sources = sources;
    await this.#mark();
    await this.#open();
  }

  /** Waits until the reader has taken it, so that one who is slow gets the state of things and not their history. */
  async #write(text: string): Promise<void> {
    if (this.#isOver) throw new Error("the stream has ended");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#giveUpWrite = () => reject(new Error("the reader is gone"));
    this.#sink.write(encoder.encode(text), resolve);
    await promise;
  }
}
