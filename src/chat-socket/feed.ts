import {
  type Bridge,
  type Channels,
  formatPosition,
  openBridge,
  type Position,
} from "../channels/index.ts";
import { log } from "../log.ts";
import { MAX_CONNECTIONS, MAX_REOPEN_MS, REOPEN_MS } from "./constants.ts";
import { type FedFrame, readLine } from "./read-line.ts";

export type FeedEvents = {
  /**
   * Where what follows begins. `isComplete`: nothing is missing since the place that was asked for. Once at the
   * beginning; later only when something is missing.
   */
  onPlace: (place: Position & { isComplete: boolean }) => void;
  /** A frame of the log, each once and in order. */
  onFrame: (frame: FedFrame) => void;
  /** What is told and not kept. */
  onHint: (hint: Record<string, unknown>) => void;
  /** Calls back when there is room for more. */
  whenRoom: (go: () => void) => void;
  /** The topic has closed it for good: it had too many. */
  onReplaced: () => void;
};

const TOO_MANY = 4429;

/** What a topic's log and hints say, from a place on and until it is closed. A lost socket is opened again by itself. */
export class Feed {
  readonly #channels: Channels;
  readonly #topic: string;
  readonly #until: number;
  readonly #events: FeedEvents;
  #bridge: Bridge | undefined;
  /** The last frame that was handed on; null: whatever comes first. */
  #place: Position | null = null;
  #isPlaced = false;
  #isClosed = false;
  #reopenMs = REOPEN_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `until`: when the topic closes the socket if nobody else does (ms UTC). */
  constructor(
    where: { channels: Channels; topic: string; until: number },
    since: Position | null,
    events: FeedEvents,
  ) {
    this.#channels = where.channels;
    this.#topic = where.topic;
    this.#until = where.until;
    this.#place = since;
    this.#events = events;
  }

  /** Throws `BatonError` unavailable. */
  async open(): Promise<void> {
    const since = this.#place && formatPosition(this.#place);
    let isCurrent = true;
    const bridge = await openBridge(
      this.#channels,
      this.#topic,
      {
        format: "json",
        batch: true,
        since,
        until: this.#until,
        untilCode: 4409,
        slow: "drop",
        most: MAX_CONNECTIONS,
      },
      {
        onMessage: (message, done) => {
          if (typeof message === "string" && !this.#isClosed) this.#read(message);
          this.#events.whenRoom(done);
        },
        onEnd: (code) => {
          isCurrent = false;
          this.#bridge = undefined;
          this.#lose(code);
        },
      },
    );
    if (isCurrent) this.#bridge = bridge;
    if (this.#isClosed) bridge.close();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#bridge?.close();
  }

  #lose(code: number): void {
    if (this.#isClosed) return;
    if (code === TOO_MANY) {
      this.#isClosed = true;
      this.#events.onReplaced();
      return;
    }
    this.#reopenSoon();
  }

  /** Each time later, and spread: an object that was replaced has lost all its sockets at once. */
  #reopenSoon(): void {
    const wait = this.#reopenMs * (0.5 + Math.random());
    this.#reopenMs = Math.min(this.#reopenMs * 2, MAX_REOPEN_MS);
    this.#timer = setTimeout(() => {
      this.open().catch((error: unknown) => {
        log.warn("chat_feed_not_opened", { error });
        if (!this.#isClosed) this.#reopenSoon();
      });
    }, wait);
  }

  #read(message: string): void {
    const lines = message.split("\n").map(readLine);
    for (const [i, line] of lines.entries()) {
      switch (line.kind) {
        case "hint":
          this.#events.onHint(line.hint);
          break;
        case "frame":
          this.#take(line.frame);
          break;
        case "gap":
          this.#goTo(line.place, false);
          break;
        case "ready":
          // What is missing is said right behind it.
          if (lines[i + 1]?.kind !== "gap") this.#goTo(line.place, true);
      }
    }
  }

  #goTo(place: Position, isComplete: boolean): void {
    const isNews = !this.#isPlaced || !isComplete;
    this.#reopenMs = REOPEN_MS;
    this.#isPlaced = true;
    this.#place = place;
    if (isNews) this.#events.onPlace({ ...place, isComplete });
  }

  #take(frame: FedFrame): void {
    const { epoch, seq } = frame.place;
    if (this.#place?.epoch === epoch && seq <= this.#place.seq) return;
    this.#place = frame.place;
    this.#events.onFrame(frame);
  }
}
