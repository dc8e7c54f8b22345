import {
  presenceTopic,
  tellArrival,
  tellDeparture,
  updatePresence,
} from "../chat-presence/index.ts";
import type { ChatPage } from "../db/schema/chat.ts";
import type { Connection, Talk } from "./connection.ts";
import { PRESENCE_IDLE_MS, TOPIC_GRACE_MS } from "./constants.ts";
import { Feed } from "./feed.ts";
import { PRESENCE_SHAPES, type PresenceFrame } from "./frames.ts";
import { HintPacer } from "./hint-pacer.ts";

/** What presence says on a connection: everything is told as it is and kept nowhere. */
export class PresenceSession implements Talk<PresenceFrame> {
  readonly grammar = { shapes: PRESENCE_SHAPES, isStrict: false };
  readonly idleMs = PRESENCE_IDLE_MS;
  readonly #connection: Connection<PresenceFrame>;
  readonly #pages: HintPacer<ChatPage>;
  #feed: Feed | undefined;
  #hasArrived = false;

  constructor(connection: Connection<PresenceFrame>) {
    this.#connection = connection;
    this.#pages = new HintPacer((_, page) => connection.track(this.#update(page)));
  }

  async begin(socket: WebSocket): Promise<void> {
    const { ctx, endsAt } = this.#connection;
    const topic = presenceTopic(ctx.user.organizationId, ctx.user.id);
    this.#connection.start(socket, this);
    const feed = new Feed({ channels: ctx.channels, topic, until: endsAt + TOPIC_GRACE_MS }, null, {
      onPlace: () => {},
      onFrame: () => {},
      onHint: (hint) => this.#connection.send(hint),
      whenRoom: (go) => this.#connection.whenRoom(go),
      onReplaced: () => this.#connection.end("too_many_connections"),
    });
    this.#feed = feed;
    await feed.open();
    if (this.#connection.isOver) return feed.close();
    this.#hasArrived = true;
    this.#connection.track(tellArrival(ctx, "presence"));
  }

  handleAtOnce(frame: PresenceFrame): boolean {
    if (frame.action === "update-presence") {
      this.#pages.put("page", { url: frame.url, title: frame.title });
    }
    return true;
  }

  async handle(): Promise<null> {
    return null;
  }

  onOver(): void {
    this.#pages.close();
    this.#feed?.close();
  }

  async windUp(): Promise<void> {
    if (this.#hasArrived) await tellDeparture(this.#connection.ctx, "presence");
  }

  async #update(page: ChatPage): Promise<void> {
    try {
      await updatePresence(this.#connection.ctx, page);
    } catch (error) {
      this.#connection.sendError(error, { action: "update-presence" });
    }
  }
}
