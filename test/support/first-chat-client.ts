import { RawStream } from "./raw-stream.ts";
import { waitFor } from "./wait-for.ts";

type Json = Record<string, unknown>;
export type Where = { port: () => number; token: string };

/**
 * A chat client as those of version 1 are: it shows every `new-message` as a bubble, removes from its sending list by
 * `tempMessageId`, pages by how many bubbles it has, and never asks for what it missed.
 */
export class FirstClient {
  /** Every frame, in the order they came. */
  readonly frames: Json[] = [];
  /** What it shows of the open conversation. */
  readonly bubbles: string[] = [];
  readonly sending: string[] = [];
  status = 0;
  closedWith: number | undefined;
  readonly #where: Where;
  readonly #path: string;
  #stream: RawStream | undefined;
  #open: string | undefined;

  constructor(where: Where, path = "/chat/ws/prod/") {
    this.#where = where;
    this.#path = path;
  }

  async connect(query = `?Authorization=${this.#where.token}`): Promise<void> {
    this.status = 0;
    this.closedWith = undefined;
    const { port } = this.#where;
    this.#stream = new RawStream(
      { port: port(), path: `${this.#path}${query}`, headers: { upgrade: "websocket" } },
      {
        onHead: (status) => {
          this.status = status;
        },
        onLine: (line) => {
          if (this.status === 101) this.#take(line.toString());
        },
        onEnd: (code) => {
          this.closedWith = code ?? 1006;
        },
      },
    );
    await waitFor(() => this.status > 0, { what: "an answer to the upgrade", everyMs: 5 });
  }

  /** As a browser ends a socket that it no longer wants. */
  close(): void {
    this.#stream?.close();
  }

  say(frame: unknown): void {
    this.#stream?.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** Opens a conversation as the UI does: the newest 15 messages, and all of it read. */
  async show(conversationId: string): Promise<void> {
    this.#open = conversationId;
    this.bubbles.length = 0;
    await this.more(15);
    this.say({ action: "read-messages", conversationId });
  }

  /** The page before what it has. True: there may be more. */
  async more(limit = 20): Promise<boolean> {
    const query = `limit=${limit}&offset=${this.bubbles.length}&order=asc`;
    const { json } = await this.get(`/conversations/${this.#open}/messages?${query}`);
    const page = json as unknown as { content: string }[];
    this.bubbles.unshift(...page.map(({ content }) => content));
    return page.length === limit;
  }

  send(conversationId: string, content: string, tempMessageId: string): void {
    this.sending.push(tempMessageId);
    this.say({ action: "send-message", tempMessageId, conversationId, content });
  }

  /** What the badge shows: how many conversations this list has. */
  async badge(): Promise<number> {
    const { json } = await this.get("/conversations?isRead=false");
    if (!Array.isArray(json)) throw new Error("the badge's list is no array");
    return json.length;
  }

  get(path: string): Promise<{ status: number; text: string; json: Json }> {
    return this.call("GET", path);
  }

  /** The token is sent as it is, without `Bearer`. */
  async call(method: string, path: string, body?: unknown) {
    const { port, token } = this.#where;
    const answer = await fetch(`http://127.0.0.1:${port()}/chat/prod${path}`, {
      method,
      headers: { authorization: token, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json");
    return { status: answer.status, text, json: (isJson ? JSON.parse(text) : {}) as Json };
  }

  pushes(type: string): Json[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  has(type: string, count: number): Promise<unknown> {
    return waitFor(() => this.pushes(type).length >= count, {
      what: `${count} of ${type}`,
      everyMs: 5,
      explain: () => JSON.stringify(this.frames.slice(-5)),
    });
  }

  #take(text: string): void {
    const frame = JSON.parse(text) as Json;
    this.frames.push(frame);
    if (frame.type !== "new-message") return;
    const place = this.sending.lastIndexOf(String(frame.tempMessageId));
    if (place >= 0) this.sending.splice(place, 1);
    if (frame.conversationId !== this.#open) return;
    this.bubbles.push(String(frame.content));
    this.say({ action: "read-messages", conversationId: this.#open });
  }
}
