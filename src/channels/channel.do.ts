import { DurableObject } from "cloudflare:workers";
import type { ChannelState } from "./rpc.ts";

/** A realtime topic. */
export class Channel extends DurableObject<ObjectsEnv> {
  readonly #instance = crypto.randomUUID();

  /** Sends texts as they are to every subscriber, and keeps nothing. */
  broadcast(texts: string[]): void {
    for (const socket of this.ctx.getWebSockets()) {
      for (const text of texts) {
        try {
          socket.send(text);
        } catch {
          // It is closing.
        }
      }
    }
  }

  describe(): ChannelState {
    return {
      name: this.ctx.id.name ?? "",
      instance: this.#instance,
      sockets: this.ctx.getWebSockets().length,
    };
  }

  override async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    server.send(JSON.stringify({ id: "", event: "ready", data: null, at: "" }));
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close();
  }
}
