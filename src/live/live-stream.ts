import type { Context } from "../context.ts";
import { log } from "../log.ts";
import {
  FIRST_REREAD_MS,
  REOPEN_MS,
  REREAD_MS,
  RETRY_MS,
  SOURCES_CHECK_MS,
  WATCH_CHECK_MS,
} from "./constants.ts";
import { formatCursor, readCursor } from "./cursor.ts";
import { Inbox } from "./inbox.ts";
import { type LiveSource, markWatched, selectLiveSources } from "./live-sources.ts";
import { type LiveFrame, LiveView } from "./live-view.ts";
import { SourceSockets } from "./source-sockets.ts";
import { SseWriter } from "./sse-writer.ts";

type Wish = {
  /** Null: all sources of the organization. */
  sourceId: string | null;
  since: string | undefined;
  /** Aborted when the reader is gone. */
  signal: AbortSignal;
  /** How long the stream may last, in milliseconds. */
  lifeMs: number;
};

/**
 * Shows what happens at some sources: hints of the consumer say which rows have changed, and the database says what they
 * are. `done` is settled when the stream has ended and holds nothing any more. Throws 404 for another organization's
 * source, before anything is sent.
 */
export async function streamLive(
  ctx: Context,
  wish: Wish,
): Promise<{ body: ReadableStream<Uint8Array>; done: Promise<void> }> {
  const sources = await selectLiveSources(ctx, wish.sourceId);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  return { body: readable, done: new LiveStream(ctx, wish, sources, writable).run() };
}

class LiveStream {
  readonly #ctx: Context;
  readonly #wish: Wish;
  readonly #inbox = new Inbox();
  readonly #sockets: SourceSockets;
  readonly #out: SseWriter;
  readonly #view: LiveView;
  readonly #endsAt: number;
  readonly #isFromNow: boolean;
  #isOver = false;
  /** When each of these is due (ms UTC). */
  #readAt = 0;
  #openAt = 0;
  #markAt = 0;
  #sourcesAt = 0;
  #readEveryMs = FIRST_REREAD_MS;

  constructor(
    ctx: Context,
    wish: Wish,
    sources: readonly LiveSource[],
    writable: WritableStream<Uint8Array>,
  ) {
    const now = Date.now();
    const cursor = readCursor(wish.since, now);
    this.#ctx = ctx;
    this.#wish = wish;
    this.#endsAt = now + wish.lifeMs;
    this.#isFromNow = cursor === null;
    this.#view = new LiveView(ctx, sources, cursor ?? now);
    this.#out = new SseWriter(writable, () => this.#stop());
    this.#sockets = new SourceSockets(
      ctx,
      (hint) => this.#inbox.put(hint),
      () => this.#openSoon(),
    );
  }

  async run(): Promise<void> {
    const { signal, lifeMs } = this.#wish;
    // The reader may be stuck in the middle of a write, at which an end would wait for ever.
    const limit = setTimeout(() => this.#stop(), lifeMs + REREAD_MS);
    signal.addEventListener("abort", () => this.#stop());
    if (signal.aborted) this.#stop();
    try {
      if (this.#isFromNow) await this.#view.skip();
      // In this order: what is stored after the mark and the socket is told of, what was before is read.
      await this.#mark();
      await this.#open();
      await this.#write(`id: ${formatCursor(this.#view.position)}\nretry: ${retryMs()}\n\n`);
      while (!this.#isOver && Date.now() < this.#endsAt) await this.#turn();
      if (!this.#isOver) await this.#write('event: end\ndata: {"reason":"renew"}\n\n');
    } catch (error) {
      // A reader that is gone is how streams end.
      if (!this.#isOver) log.error("live_stream_failed", { error });
    } finally {
      this.#isOver = true;
      clearTimeout(limit);
      this.#sockets.closeAll();
      await this.#out.end();
    }
  }

  /** Waits for something to do, and does it. */
  async #turn(): Promise<void> {
    const due = [this.#readAt, this.#openAt, this.#markAt, this.#sourcesAt, this.#endsAt];
    await this.#inbox.wait(Math.min(...due));
    if (this.#isOver) return;
    try {
      const now = Date.now();
      if (now >= this.#markAt) await this.#mark();
      if (now >= this.#sourcesAt) await this.#findSources();
      if (now >= this.#openAt) await this.#open();
      const hint = this.#inbox.take();
      if (hint) await this.#show(this.#view.readNamed(hint));
      if (hint === null || now >= this.#readAt) await this.#readNew();
    } catch (error) {
      if (this.#isOver) throw error;
      // The database could not be asked. The hints are lost, so everything new is read as soon as it can be.
      log.warn("live_not_read", { error });
      this.#readAt = Date.now() + FIRST_REREAD_MS;
      this.#markAt = Math.max(this.#markAt, this.#readAt);
      this.#sourcesAt = Math.max(this.#sourcesAt, this.#readAt);
    }
  }

  async #readNew(): Promise<void> {
    const before = this.#view.position;
    await this.#show(this.#view.readNew());
    this.#readAt = Date.now() + this.#readEveryMs;
    // Soon again at first: a batch that was under way when the mark was set tells nobody.
    this.#readEveryMs = Math.min(REREAD_MS, this.#readEveryMs * 2);
    this.#sockets.ping();
    // Moves the reader's position, and is no event to it.
    if (this.#view.position > before) {
      await this.#write(`id: ${formatCursor(this.#view.position)}\n\n`);
    }
  }

  async #show(frames: AsyncIterable<LiveFrame>): Promise<void> {
    for await (const frame of frames) await this.#send(frame);
  }

  #send({ event, data, position }: LiveFrame): Promise<void> {
    return this.#write(
      `id: ${formatCursor(position)}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
    );
  }

  async #mark(): Promise<void> {
    await markWatched(this.#ctx, this.#view.sources);
    this.#markAt = Date.now() + WATCH_CHECK_MS;
  }

  /** A channel that cannot be reached is no end: the database is read in any case, only later. */
  async #open(): Promise<void> {
    const isOpen = await this.#sockets.open(this.#view.sources);
    this.#openAt = Number.POSITIVE_INFINITY;
    if (!isOpen) this.#openSoon();
    // Whatever was told meanwhile has been missed.
    this.#readAt = Date.now();
  }

  #openSoon(): void {
    this.#openAt = Math.min(this.#openAt, Date.now() + REOPEN_MS + Math.random() * REOPEN_MS);
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

  async #write(text: string): Promise<void> {
    if (this.#isOver) throw new Error("the stream has ended");
    await this.#out.write(text);
  }

  #stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sockets.closeAll();
    this.#out.abort();
    this.#inbox.ring();
  }
}

/** Spread, so that the readers that a deploy has cut do not come back at once. */
function retryMs(): number {
  return Math.round(RETRY_MS * (1 + Math.random()));
}
