import { waitFor } from "../support/wait-for.ts";

export type Frame = Record<string, unknown>;

export type FirstUser = {
  userId: string;
  /** `http://<host>/chat`. */
  base: string;
  token: string;
};

/**
 * A chat client as they were before there was a version 2: one socket, REST, and no more care than they took. Each
 * message that it is told of becomes a bubble, whether it has one of it or not; one of its own leaves `sending` when it is
 * told of it, and never otherwise.
 */
export class FirstChatClient {
  readonly userId: string;
  readonly frames: Frame[] = [];
  readonly sending: unknown[] = [];
  readonly #base: string;
  readonly #token: string;
  #socket: WebSocket | undefined;

  constructor({ userId, base, token }: FirstUser) {
    this.userId = userId;
    this.#base = base;
    this.#token = token;
  }

  /** Connects, as these clients do: the token raw, in the query of a path that ends in a stage and a slash. */
  async connect(path = "/ws/prod/"): Promise<this> {
    const url = `${this.#base.replace(/^http/, "ws")}${path}?Authorization=${this.#token}`;
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#hear(JSON.parse(String(data))));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error(`no socket at ${path}`)));
    await promise;
    return this;
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.addEventListener("close", () => resolve());
    socket.close();
    await promise;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Any frame; a text goes as it is. Dropped without a word when the socket is not open. */
  say(frame: object | string): void {
    if (!this.isOpen) return;
    this.#socket?.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** Gives the `tempMessageId`. */
  write<T = string>(
    conversationId: string,
    content: string,
    tempMessageId: T = crypto.randomUUID() as T,
  ): T {
    this.sending.push(tempMessageId);
    this.say({ action: "send-message", tempMessageId, conversationId, content });
    return tempMessageId;
  }

  /** Writes, and waits until it is told of its own message. */
  async sendAndSee(conversationId: string, content: string): Promise<Frame> {
    const id = this.write(conversationId, content);
    return this.see((frame) => frame.tempMessageId === id, `its own ${content}`);
  }

  see(isIt: (frame: Frame) => boolean, what: string): Promise<Frame> {
    return waitFor(() => this.frames.find(isIt), {
      what: `${this.userId} to be told ${what}`,
      everyMs: 10,
      explain: () => JSON.stringify(this.frames.slice(-5)),
    });
  }

  seeText(content: string): Promise<Frame> {
    return this.see((frame) => frame.type === "new-message" && frame.content === content, content);
  }

  /** The contents that it shows of a conversation. */
  bubbles(conversationId: string): unknown[] {
    return this.frames
      .filter((frame) => frame.type === "new-message" && frame.conversationId === conversationId)
      .map(({ content }) => content);
  }

  async rest(method: string, path: string, body?: object) {
    const answer = await fetch(`${this.#base}${path}`, {
      method,
      headers: { authorization: this.#token },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  }

  async get<T = unknown>(path: string): Promise<T> {
    const { status, text } = await this.rest("GET", path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as T;
  }

  async create(recipientIdArr: string[], title = ""): Promise<string> {
    const body = { recipientIdArr, isGroup: title !== "", title };
    const { status, text } = await this.rest("POST", "/conversation", body);
    if (status !== 200) throw new Error(`create: ${status} ${text}`);
    return (JSON.parse(text) as { conversationId: string }).conversationId;
  }

  #hear(frame: Frame): void {
    this.frames.push(frame);
    const at = this.sending.lastIndexOf(frame.tempMessageId);
    if (frame.type === "new-message" && at >= 0) this.sending.splice(at, 1);
  }
}
