import type { Position } from "../channels/index.ts";
import {
  ChatError,
  MAX_CONTENT_CHARS,
  type SentTo,
  tellTyping,
  tellUnheard,
  userTopic,
} from "../chat/index.ts";
import { countConnections, tellArrival, tellDeparture } from "../chat-presence/index.ts";
import { log } from "../log.ts";
import type { Connection, Talk } from "./connection.ts";
import {
  HEARTBEAT_MS,
  IDLE_MS,
  MAX_CONNECTIONS,
  MAX_FRAME_BYTES,
  MAX_TYPING_IN,
  MAX_WAITING_FRAMES,
  REMEMBERED_MESSAGES,
  SEND_RATE,
  TOPIC_GRACE_MS,
  UNHEARD_MESSAGES,
} from "./constants.ts";
import { Feed } from "./feed.ts";
import { type ChatFrame, SHAPES } from "./frames.ts";
import { handleFrame } from "./handle-frame.ts";
import { HintPacer } from "./hint-pacer.ts";
import { pushFrame } from "./push-frame.ts";
import type { FedFrame } from "./read-line.ts";
import { readPlace } from "./read-place.ts";
import type { ResumeWish, Wish } from "./read-wish.ts";

const LIMITS = {
  frameBytes: MAX_FRAME_BYTES,
  contentChars: MAX_CONTENT_CHARS[2],
  heartbeatSeconds: HEARTBEAT_MS / 1000,
  idleSeconds: IDLE_MS[2] / 1000,
  waitingFrames: MAX_WAITING_FRAMES,
  sends: SEND_RATE.limit,
  sendsWithinSeconds: SEND_RATE.windowMs / 1000,
  connections: MAX_CONNECTIONS,
};

/** What chat says on a connection. */
export class ChatSession implements Talk<ChatFrame> {
  readonly grammar;
  readonly idleMs: number;
  readonly #connection: Connection<ChatFrame>;
  readonly #topic: string;
  readonly #messages = new Set<string>();
  readonly #typing: HintPacer<boolean>;
  /** The last messages that it was sent, and when (ms UTC). */
  #sent: (SentTo & { at: number })[] = [];
  /** Conversations in which others see this user typing. */
  readonly #typingIn = new Set<string>();
  #place: Position = { epoch: "", seq: 0 };
  #feed: Feed | undefined;
  #hasArrived = false;

  constructor(connection: Connection<ChatFrame>) {
    const { user, version } = connection.ctx;
    this.#connection = connection;
    this.#topic = userTopic(user.organizationId, user.id);
    this.grammar = { shapes: SHAPES[version], isStrict: version === 2 };
    this.idleMs = IDLE_MS[version];
    this.#typing = new HintPacer((conversationId, isTyping) => {
      this.#connection.track(this.#tellTyping(conversationId, isTyping));
    });
  }

  /** Begins to talk. A client of version 1 is told everything from now on; others say where they are. */
  async begin(socket: WebSocket, { resume, faults }: Wish): Promise<void> {
    const { user, version, channels } = this.#connection.ctx;
    this.#place = await readPlace(channels, this.#topic);
    this.#connection.start(socket, this);
    if (version === 1) return this.#listen(this.#place);
    const expiresAt = new Date(user.expiresAt).toISOString();
    const ready = { type: "ready", userId: user.id, ...this.#place, expiresAt, limits: LIMITS };
    this.#connection.send(ready);
    for (const fault of faults) this.#connection.sendError(fault);
    if (resume) await this.#resume(resume);
  }

  handleAtOnce(frame: ChatFrame): boolean {
    switch (frame.action) {
      case "heartbeat":
        if (this.#connection.ctx.version === 2) this.#connection.send({ type: "heartbeat" });
        return true;
      case "typing":
        this.#typing.put(frame.conversationId, frame.isTyping);
        return true;
      default:
        return false;
    }
  }

  async handle(frame: ChatFrame): Promise<object | null> {
    switch (frame.action) {
      case "heartbeat":
      case "typing":
        return null;
      case "resume":
        await this.#resume(frame);
        return null;
      default:
        return handleFrame(this.#connection.ctx, frame);
    }
  }

  onOver(): void {
    this.#typing.close();
    this.#feed?.close();
  }

  /** What others have seen of this user is taken back. */
  async windUp(unheardSince: number | null): Promise<void> {
    const { ctx } = this.#connection;
    const typing = [...this.#typingIn].map((id) => this.#tellTyping(id, false));
    await Promise.all(typing);
    if (!this.#hasArrived) return;
    await tellDeparture(ctx, "chat");
    if (unheardSince === null) return;
    // Whoever wrote to it took it for alive.
    const unheard = this.#sent.filter(({ at }) => at >= unheardSince);
    if (unheard.length === 0 || (await countConnections(ctx)).chat > 0) return;
    await tellUnheard(ctx, unheard);
  }

  async #resume({ after, epoch }: ResumeWish): Promise<void> {
    if (after === undefined) {
      if (epoch !== undefined) {
        throw new ChatError("missing_field", "Missing 'after' in the frame: 'epoch' is of it.");
      }
      return this.#listen(await readPlace(this.#connection.ctx.channels, this.#topic));
    }
    return this.#listen({ epoch: epoch ?? this.#place.epoch, seq: after });
  }

  /** From a place on. What it listened to before is over. */
  async #listen(since: Position): Promise<void> {
    const { ctx, endsAt } = this.#connection;
    this.#feed?.close();
    this.#messages.clear();
    const where = { channels: ctx.channels, topic: this.#topic, until: endsAt + TOPIC_GRACE_MS };
    const feed = new Feed(where, since, {
      onPlace: (place) => this.#tellPlace(place),
      onFrame: (frame) => this.#push(frame),
      onHint: (hint) => {
        if (ctx.version === 2) this.#connection.send(hint);
      },
      whenRoom: (go) => this.#connection.whenRoom(go),
      onReplaced: () => this.#connection.end("too_many_connections"),
    });
    this.#feed = feed;
    await feed.open();
    if (this.#connection.isOver) return feed.close();
    if (this.#hasArrived) return;
    this.#hasArrived = true;
    this.#connection.track(tellArrival(ctx, "chat"));
  }

  #tellPlace({ epoch, seq, isComplete }: Position & { isComplete: boolean }): void {
    if (this.#connection.ctx.version === 2) {
      this.#connection.send({ type: "resumed", epoch, seq, isComplete });
    } else if (!isComplete) {
      // Its contract has no word for it; the next page that it reads has them.
      log.warn("chat_pushes_missed", { connectionId: this.#connection.id });
    }
  }

  #push(frame: FedFrame): void {
    if (frame.event === "new-message" && !this.#isNews(frame.data as SentTo)) return;
    const { user, version } = this.#connection.ctx;
    const push = pushFrame(frame, { version, userId: user.id });
    if (push) this.#connection.send(push);
  }

  /** Clients of version 1 show whatever they are sent. */
  #isNews({ conversationId, messageId }: SentTo): boolean {
    if (this.#messages.has(messageId)) return false;
    this.#sent = [
      ...this.#sent.slice(1 - UNHEARD_MESSAGES),
      { conversationId, messageId, at: Date.now() },
    ];
    this.#messages.add(messageId);
    keepLast(this.#messages, REMEMBERED_MESSAGES);
    return true;
  }

  async #tellTyping(conversationId: string, isTyping: boolean): Promise<void> {
    try {
      await tellTyping(this.#connection.ctx, { conversationId, isTyping });
      this.#typingIn.delete(conversationId);
      if (isTyping) this.#typingIn.add(conversationId);
      keepLast(this.#typingIn, MAX_TYPING_IN);
    } catch (error) {
      this.#connection.sendError(error, { action: "typing" });
    }
  }
}

/** Forgets what was added first. */
function keepLast(set: Set<string>, most: number): void {
  const [oldest] = set;
  if (set.size > most && oldest !== undefined) set.delete(oldest);
}
