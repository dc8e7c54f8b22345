import type { ChatContext } from "../chat/index.ts";
import { ChatError } from "../chat/index.ts";
import { BatonError } from "../errors.ts";
import { log } from "../log.ts";
import { Bucket } from "./bucket.ts";
import { ClientSocket } from "./client-socket.ts";
import { CLOSES, type CloseReason } from "./close-codes.ts";
import {
  DATABASE_CALLS_A_FRAME,
  FRAME_BUCKET,
  FRAME_TIMEOUT_MS,
  MAX_LIFE_MS,
  MAX_REFUSED_FRAMES,
  MAX_WAITING_FRAMES,
} from "./constants.ts";
import { CallCount, countCalls } from "./count-calls.ts";
import { type About, errorFrame } from "./error-frame.ts";
import { type Grammar, type Parsed, parseFrame } from "./parse-frame.ts";

/** How a kind of connection talks. */
export type Talk<F> = {
  grammar: Grammar;
  /** It is closed when nothing was heard for so long. */
  idleMs: number;
  /** A frame that need not wait for others; true when it was one. */
  handleAtOnce: (frame: F) => boolean;
  /** Others have their turn when it settles. Gives what is answered. */
  handle: (frame: F) => Promise<object | null>;
  /** Once, when nothing more is sent to the client. */
  onOver: () => void;
  /**
   * After the last frame that it was sent. `unheardSince`: its client has gone without a word, and nothing was heard of it
   * since then (ms UTC); null: it has not.
   */
  windUp: (unheardSince: number | null) => Promise<void>;
};

type Waiting<F> = { frame: F; about: About };
type Execution = Pick<ExecutionContext, "waitUntil">;

/**
 * A client's connection: frames are answered one after another, and it ends when its token does, when it has lived or
 * asked enough, or when nothing is heard of it. Whatever ends it says why; a frame that came is answered, whatever
 * happens.
 */
export class Connection<F extends { action: string; tempMessageId?: unknown }> {
  /** The verbs' context: what they ask through it is counted. */
  readonly ctx: ChatContext;
  readonly id = crypto.randomUUID();
  /** When it ends at the latest (ms UTC), and why. */
  readonly endsAt: number;
  readonly #endReason: CloseReason;
  readonly #execution: Execution;
  readonly #calls: CallCount;
  readonly #bucket = new Bucket(FRAME_BUCKET, Date.now());
  #talk: Talk<F> | undefined;
  #client: ClientSocket | undefined;
  #waiting: Waiting<F>[] = [];
  #work: Promise<void> = Promise.resolve();
  #isWorking = false;
  #refused = 0;
  #isOver = false;
  /** Null: the client has gone by itself. */
  #reason: CloseReason | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ctx: ChatContext, execution: Execution) {
    this.#calls = new CallCount(() => this.end("renew"));
    this.ctx = countCalls(ctx, this.#calls);
    this.#execution = execution;
    const longest = Date.now() + MAX_LIFE_MS;
    this.endsAt = Math.min(longest, ctx.user.expiresAt);
    this.#endReason = ctx.user.expiresAt <= longest ? "token_expired" : "renew";
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Talks with a client through a socket from here on. */
  start(socket: WebSocket, talk: Talk<F>): void {
    // The client may have gone before.
    if (this.#isOver) return;
    this.#talk = talk;
    this.#client = new ClientSocket(socket, {
      onMessage: (message) => this.#hear(message),
      onGone: (isClosed) => this.#leave(!isClosed),
    });
    this.#watch();
  }

  send(frame: object): void {
    this.#client?.send(frame);
  }

  sendError(error: unknown, about: About = {}): void {
    this.send(errorFrame(error, about));
  }

  /** Lets something end that the client does not wait for, also when it goes. */
  track(work: Promise<void>): void {
    this.#calls.add(DATABASE_CALLS_A_FRAME);
    this.#execution.waitUntil(work.catch((error: unknown) => log.warn("chat_not_told", { error })));
  }

  whenRoom(go: () => void): void {
    if (this.#client) this.#client.whenRoom(go);
    else go();
  }

  /** The client is gone. What it has sent is still done. */
  lose(): void {
    this.#leave(true);
  }

  /** Ends it with a reason, when the frame that is under way is answered; those that wait are answered as not done. */
  end(reason: CloseReason): void {
    if (this.#isOver) return;
    this.#reason = reason;
    for (const { about } of this.#waiting.splice(0)) this.#answerEnded(about);
    this.#stop(reason === "idle", () => this.#client?.close(CLOSES[reason], reason));
  }

  #leave(isVanished: boolean): void {
    this.#stop(isVanished, () => this.#client?.close(1000, ""));
  }

  #stop(isVanished: boolean, close: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#talk?.onOver();
    const over = async () => {
      await this.#work;
      close();
      await this.#talk?.windUp(isVanished ? (this.#client?.heardAt ?? 0) : null);
    };
    this.track(over());
  }

  /** Wakes when it may be idle, or at its end. */
  #watch(): void {
    if (this.#isOver || !this.#client || !this.#talk) return;
    const now = Date.now();
    const idleAt = this.#client.heardAt + this.#talk.idleMs;
    if (now >= this.endsAt) return this.end(this.#endReason);
    if (now >= idleAt) return this.end("idle");
    this.#timer = setTimeout(() => this.#watch(), Math.min(idleAt, this.endsAt) - now);
  }

  #hear(message: string | ArrayBuffer): void {
    if (!this.#talk) return;
    const parsed = parseFrame<F>(message, this.#talk.grammar);
    const about = aboutOf(parsed);
    if (this.#isOver) return this.#answerEnded(about);
    const waitMs = this.#bucket.take(Date.now());
    if (waitMs > 0) return this.#refuse(about, waitMs);
    switch (parsed.kind) {
      case "forbidden":
        return this.send({
          message: "Forbidden",
          connectionId: this.id,
          requestId: crypto.randomUUID(),
        });
      case "fault":
        return this.sendError(parsed.error, about);
      case "frame":
        if (!this.#talk.handleAtOnce(parsed.frame)) this.#put({ frame: parsed.frame, about });
    }
  }

  #put(waiting: Waiting<F>): void {
    if (this.#waiting.length >= MAX_WAITING_FRAMES) return this.#refuse(waiting.about, 1000);
    this.#refused = 0;
    this.#waiting.push(waiting);
    if (!this.#isWorking) this.#work = this.#workOff();
  }

  #refuse(about: About, waitMs: number): void {
    const seconds = Math.ceil(waitMs / 1000);
    const message = `Too many frames; go on in ${seconds} s, and wait for answers.`;
    this.sendError(new ChatError("rate_limited", message, seconds), about);
    if (++this.#refused >= MAX_REFUSED_FRAMES) this.end("rate_limited");
  }

  #answerEnded(about: About): void {
    const [code, message] =
      this.#reason === "token_expired"
        ? (["token_expired", "The token has expired; connect with a new one."] as const)
        : (["unavailable", "This connection ends; connect again and send it again."] as const);
    this.sendError(new ChatError(code, message), about);
  }

  async #workOff(): Promise<void> {
    this.#isWorking = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      await this.#answer(next);
      this.#calls.add(DATABASE_CALLS_A_FRAME);
    }
    this.#isWorking = false;
  }

  /** Never throws. */
  async #answer({ frame, about }: Waiting<F>): Promise<void> {
    try {
      const answer = await withinTime(this.#talk?.handle(frame) ?? Promise.resolve(null));
      if (answer) this.send(answer);
    } catch (error) {
      const isExpected = error instanceof ChatError || error instanceof BatonError;
      if (!isExpected) log.error("chat_frame_failed", { action: frame.action, error });
      this.sendError(error, about);
    }
  }
}

function aboutOf<F extends { action: string; tempMessageId?: unknown }>(parsed: Parsed<F>): About {
  if (parsed.kind === "forbidden") return {};
  if (parsed.kind === "fault") return parsed.about;
  const { action, tempMessageId } = parsed.frame;
  return { action, ...(tempMessageId !== undefined && { tempMessageId }) };
}

/** What was asked may happen all the same: whoever sends it again with its id has it done once. */
async function withinTime<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("a frame took too long")), FRAME_TIMEOUT_MS);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
