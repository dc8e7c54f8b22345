import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { acceptSocket, closeFrame, messageFrame, readMasked } from "./server-socket.ts";

type Json = Record<string, unknown>;
/** How the next frame of an action is treated; a fault that has been used is gone. */
export type ChatFault =
  /** The connection is lost before it is handled, or behind it and before the answer. */
  | "lose"
  | "lose-answer"
  /** Refused with this. */
  | Json
  /** Never answered. */
  | "ignore";

type Connection = { user: string; socket: Socket; isResumed: boolean; faults: Set<string> };

/** Keys that a frame of an action may have, and must. */
const ACTIONS: Record<string, { required: string[]; optional: string[] }> = {
  heartbeat: { required: [], optional: [] },
  resume: { required: [], optional: ["after", "epoch"] },
  typing: { required: ["conversationId", "isTyping"], optional: [] },
  "read-messages": { required: ["conversationId"], optional: ["messageId"] },
  "send-message": { required: ["tempMessageId", "conversationId", "content"], optional: [] },
};

/**
 * Chat as version 2 has it, for users who are all in one conversation. It is strict: an unknown parameter, action or
 * field, and a frame before `resume`, end the connection and are noted in `wrongs`. A token is `<user>` or `<user>.<n>`.
 */
export class ChatServer {
  readonly server: Server;
  readonly logs = new Map<string, Json[]>();
  readonly stored = new Map<string, { messageId: string; sentAt: string }>();
  readonly connections = new Set<Connection>();
  readonly sockets = new Set<Socket>();
  readonly heard: Json[] = [];
  readonly wrongs: string[] = [];
  readonly faults = new Map<string, ChatFault[]>();
  /** Of the next connections: `hole`: pushes are left out; `mute`: no heartbeat is answered; a number: closed with it. */
  readonly nextConnections: string[] = [];
  readonly refused = new Set<string>();
  readonly tokens: string[] = [];
  epoch = "e1";
  /** Pushes that logs have forgotten. */
  forgotten = 0;

  constructor() {
    this.server = createServer((request, response) => {
      const status = this.refused.has(this.#tokenOf(request)) ? 401 : 426;
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ detail: status === 401 ? "No such token." : "Upgrade it." }));
    });
    this.server.on("upgrade", (request, socket: Socket) => this.#upgrade(request, socket));
    this.server.on("connection", (socket) => {
      socket.setNoDelay(true);
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.server.close(resolve));
  }

  cutAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  closeAll(code: number, reason: string): void {
    for (const { socket } of this.connections) socket.end(closeFrame(code, reason));
  }

  /** How frames of an action are treated, one after the other. */
  fault(action: string, ...faults: ChatFault[]): void {
    this.faults.set(action, [...(this.faults.get(action) ?? []), ...faults]);
  }

  /** Tells a user something, on all connections. */
  push(user: string, push: Json): void {
    const log = this.#logOf(user);
    log.push(push);
    for (const one of this.#of(user)) this.#sendPush(one, log.length);
  }

  /** Something is told that a user, who has read too slowly, is not sent. */
  skip(user: string, push: Json): void {
    const log = this.#logOf(user);
    log.push(push);
    for (const one of this.#of(user)) {
      send(one, { type: "resumed", seq: log.length, isComplete: false });
    }
  }

  hint(hint: Json): void {
    for (const one of this.connections) send(one, hint);
  }

  #tokenOf(request: IncomingMessage): string {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://chat");
    const names = [...searchParams.keys()].toSorted().join();
    if (pathname !== "/chat/ws/" || names !== "Authorization,v") this.wrongs.push(`${request.url}`);
    return searchParams.get("Authorization") ?? "";
  }

  #upgrade(request: IncomingMessage, socket: Socket): void {
    const token = this.#tokenOf(request);
    this.tokens.push(token);
    if (this.refused.has(token)) {
      socket.end("HTTP/1.1 401 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    acceptSocket(request, socket);
    socket.on("error", () => {});
    const user = token.split(".")[0] ?? "";
    const fault = this.nextConnections.shift() ?? "";
    if (/^\d+$/.test(fault)) return void socket.end(closeFrame(Number(fault), "No."));
    const faults = new Set([fault]);
    const connection = { user, socket, isResumed: false, faults };
    this.connections.add(connection);
    socket.on("close", () => this.connections.delete(connection));
    send(connection, {
      type: "ready",
      userId: user,
      epoch: this.epoch,
      seq: this.#logOf(user).length,
      expiresAt: "2030-01-01T00:00:00.000Z",
      limits: {},
    });
    readMasked(socket, (opcode, payload) => {
      if (opcode === 8) return void socket.end();
      this.#hear(connection, JSON.parse(payload.toString()));
    });
  }

  #hear(connection: Connection, frame: Json): void {
    const action = String(frame.action);
    const wrong = this.#wrongOf(connection, frame);
    if (wrong) {
      this.wrongs.push(wrong);
      return void connection.socket.destroy();
    }
    this.heard.push({ ...frame, user: connection.user });
    const fault = this.faults.get(action)?.shift();
    if (fault === "lose") return void connection.socket.destroy();
    if (fault === "ignore") return;
    if (typeof fault === "object") {
      return send(connection, {
        type: "error",
        action,
        tempMessageId: frame.tempMessageId,
        ...fault,
      });
    }
    const answer = this.#handle(connection, frame);
    if (fault === "lose-answer") return void connection.socket.destroy();
    if (answer) send(connection, answer);
  }

  #wrongOf({ isResumed }: Connection, frame: Json): string | undefined {
    const known = ACTIONS[String(frame.action)];
    if (!known) return `unknown action ${frame.action}`;
    const { action, ...fields } = frame;
    const unknown = Object.keys(fields).find(
      (name) => !known.required.includes(name) && !known.optional.includes(name),
    );
    const missing = known.required.find((name) => frame[name] === undefined);
    if (unknown || missing) return `${action}: unknown ${unknown}, missing ${missing}`;
    if (!isResumed && action !== "resume" && action !== "heartbeat") return `${action} too early`;
    return undefined;
  }

  #handle(connection: Connection, frame: Json): Json | undefined {
    const { user } = connection;
    switch (frame.action) {
      case "heartbeat":
        return connection.faults.has("mute") ? undefined : { type: "heartbeat" };
      case "resume":
        return this.#resume(connection, frame);
      case "typing":
        this.hint({
          type: "typing",
          conversationId: frame.conversationId,
          userId: user,
          isTyping: frame.isTyping,
        });
        return undefined;
      case "read-messages": {
        const { conversationId, messageId = null } = frame;
        const readAt = new Date(0).toISOString();
        this.push(user, { type: "read-messages", conversationId, userId: user, messageId, readAt });
        return undefined;
      }
      default:
        return this.#store(user, frame);
    }
  }

  #resume(connection: Connection, { after, epoch }: Json): undefined {
    const log = this.#logOf(connection.user);
    const isKnown = after !== undefined && epoch === this.epoch && Number(after) >= this.forgotten;
    const from = isKnown ? Number(after) : after === undefined ? log.length : this.forgotten;
    const isComplete = after === undefined || isKnown;
    send(connection, { type: "resumed", seq: from, isComplete });
    connection.isResumed = true;
    for (let seq = from + 1; seq <= log.length; seq++) this.#sendPush(connection, seq);
  }

  #store(user: string, { tempMessageId, conversationId, content }: Json): Json {
    const key = `${user} ${tempMessageId}`;
    let message = this.stored.get(key);
    if (!message) {
      message = { messageId: `m${this.stored.size + 1}`, sentAt: new Date(0).toISOString() };
      this.stored.set(key, message);
      const push = {
        type: "new-message",
        ...message,
        tempMessageId,
        conversationId,
        senderId: user,
        content,
      };
      for (const one of this.logs.keys()) this.push(one, push);
    }
    return { type: "ack", tempMessageId, conversationId, ...message, seq: null };
  }

  #sendPush(connection: Connection, seq: number): void {
    if (!connection.isResumed) return;
    if (connection.faults.has("hole") && seq % 3 === 2) return;
    send(connection, { ...this.#logOf(connection.user)[seq - 1], seq });
  }

  #of(user: string): Connection[] {
    return [...this.connections].filter((one) => one.user === user);
  }

  #logOf(user: string): Json[] {
    const log = this.logs.get(user) ?? [];
    this.logs.set(user, log);
    return log;
  }
}

function send({ socket }: Connection, frame: Json): void {
  if (socket.writable) socket.write(messageFrame(JSON.stringify(frame)));
}
