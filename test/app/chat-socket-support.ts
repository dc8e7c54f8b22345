import type { Channels } from "../../src/channels/index.ts";
import { type ChatContext, userTopic } from "../../src/chat/index.ts";
import { serveChatSocket, servePresenceSocket } from "../../src/chat-socket/index.ts";
import { readSettings } from "../../src/context.ts";
import { openControl, openShards } from "../../src/db/client.ts";
import { waitFor } from "../support/wait-for.ts";
import { type ChatTenant, makeChat } from "./chat-support.ts";
import { bindings, type Json } from "./support.ts";

export type Chat = ChatTenant;
export { makeChat };

/** What goes on after requests. */
const after: Promise<unknown>[] = [];
const execution = { waitUntil: (promise: Promise<unknown>) => void after.push(promise) };
/** Waits for all that goes on after requests that are over. */
export const settled = () => Promise.allSettled(after);

export type Asked = {
  version?: 1 | 2;
  /** Behind `?v=`; with `&` before it. */
  query?: string;
  channels?: Channels;
  expiresAt?: number;
  name?: string;
  rateLimits?: ChatContext["rateLimits"];
  db?: ChatContext["db"];
};

export function contextOf({ organizationId, source }: Chat, id: string, asked: Asked = {}) {
  const { version = 2, expiresAt = Date.now() + 3_600_000, name = "" } = asked;
  const { channels = bindings.CHANNEL, rateLimits = bindings.RATE_LIMIT } = asked;
  const ctx: ChatContext = {
    db: asked.db ?? openControl(bindings.DB),
    shards: openShards(bindings),
    bodies: bindings.BODIES,
    eventsQueue: bindings.EVENTS_QUEUE,
    channels,
    rateLimits,
    settings: readSettings(bindings),
    waitUntil: execution.waitUntil,
    source,
    user: { organizationId, id, name, expiresAt },
    version,
  };
  return ctx;
}

const SERVE = { ws: serveChatSocket, "presence-ws": servePresenceSocket };

/** Opens a socket as the app's route does, once it knows who it is. */
export async function open(
  chat: Chat,
  user: string,
  {
    path = "ws",
    signal,
    ...asked
  }: Asked & { path?: keyof typeof SERVE; signal?: AbortSignal } = {},
): Promise<Response> {
  const query = `v=${asked.version ?? 2}${asked.query ?? ""}`;
  const request = new Request(`http://localhost/chat/${path}/?${query}`, {
    headers: { upgrade: "websocket" },
    ...(signal && { signal }),
  });
  return SERVE[path](contextOf(chat, user, asked), request, execution);
}

/** A client's socket, and everything that it was sent. */
export class Client {
  readonly frames: Json[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly #socket: WebSocket;

  constructor(response: Response) {
    if (!response.webSocket) throw new Error(`no socket: ${response.status}`);
    this.#socket = response.webSocket;
    this.#socket.addEventListener("message", ({ data }) => {
      this.frames.push(JSON.parse(String(data)) as Json);
    });
    this.#socket.addEventListener("close", ({ code, reason }) => {
      this.closed = { code, reason };
      try {
        this.#socket.close();
      } catch {
        // It is closed on both sides.
      }
    });
    this.#socket.accept();
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  close(): void {
    this.#socket.close(1000);
  }

  of(type: string): Json[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  /** The n-th frame of a type, counted from 1. */
  frame(type: string, n = 1): Promise<Json> {
    return waitFor(() => this.of(type)[n - 1], {
      what: `${type} ${n}`,
      everyMs: 5,
      explain: () => JSON.stringify({ frames: this.frames.slice(-20), closed: this.closed }),
    });
  }

  ended(): Promise<{ code: number; reason: string }> {
    return waitFor(() => this.closed ?? undefined, {
      what: "the close",
      everyMs: 5,
      explain: () => JSON.stringify(this.frames.slice(-20)),
    });
  }
}

export async function connect(
  chat: Chat,
  user: string,
  asked: Parameters<typeof open>[2] = {},
): Promise<Client> {
  return new Client(await open(chat, user, asked));
}

/** A version-2 client that is told everything from now on. */
export async function listen(
  chat: Chat,
  user: string,
  asked: Parameters<typeof open>[2] = {},
): Promise<Client> {
  const client = await connect(chat, user, asked);
  client.send({ action: "resume" });
  await client.frame("resumed");
  return client;
}

/** Puts frames into a user's channel as a publisher does. */
export async function publish(chat: Chat, user: string, frames: Json[]): Promise<string[]> {
  const published = await bindings.CHANNEL.getByName(userTopic(chat.organizationId, user)).publish({
    frames: frames.map(({ type, ...data }) => ({
      event: String(type),
      data: JSON.stringify(data),
    })),
  });
  return published.kind === "published" ? published.ids : [];
}

export const message = (n: number | string): Json => ({
  type: "new-message",
  messageId: `m${n}`,
  tempMessageId: `t${n}`,
  conversationId: "c",
  senderId: "other",
  content: `message ${n}`,
  sentAt: new Date(0).toISOString(),
});

export const contents = (client: Client) => client.of("new-message").map(({ content }) => content);

/** How many sockets an object has. */
export async function socketsOf(topic: string): Promise<number> {
  return (await bindings.CHANNEL.getByName(topic).describe()).sockets;
}

export const chatSockets = (chat: Chat, user: string) =>
  socketsOf(userTopic(chat.organizationId, user));

/** The deployment's channels, whose sockets can be cut as those of an object that is replaced. */
export class CutChannels {
  /** No socket can be opened. */
  isDown = false;
  /** Nothing can be published. */
  isDeaf = false;
  opened = 0;
  readonly #cuts = new Set<() => void>();

  get channels(): Channels {
    return {
      getByName: (name) => {
        const stub = bindings.CHANNEL.getByName(name);
        const fetch = async (url: string, init: RequestInit) => {
          if (this.isDown) throw new Error("down");
          const { webSocket } = await stub.fetch(url, init);
          return new Response(null, { status: 101, webSocket: this.#relay(webSocket) });
        };
        const publish = (input: Parameters<typeof stub.publish>[0]) =>
          this.isDeaf ? Promise.reject(new Error("deaf")) : stub.publish(input);
        return Object.assign(Object.create(stub), { fetch, publish });
      },
    };
  }

  /** Ends every socket without the code of a channel. */
  cut(): void {
    for (const cut of this.#cuts) cut();
    this.#cuts.clear();
  }

  #relay(far: WebSocket | null): WebSocket {
    if (!far) throw new Error("the channel gave no socket");
    this.opened++;
    const { 0: client, 1: near } = new WebSocketPair();
    const pass = (from: WebSocket, to: WebSocket) => {
      from.addEventListener("message", ({ data }) => to.send(data));
      from.addEventListener("close", ({ code }) =>
        to.close(code > 1003 && code < 4000 ? 1000 : code),
      );
    };
    pass(far, near);
    pass(near, far);
    far.accept();
    near.accept();
    this.#cuts.add(() => {
      near.close(1011, "cut");
      far.close(1000);
    });
    return client;
  }
}
