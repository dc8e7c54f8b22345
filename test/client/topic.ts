import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { acceptSocket, closeFrame, frameHead, messageFrame, readMasked } from "./server-socket.ts";

export type Logged = { id: string; event: string; data: unknown; at: string };

/** How the next connection is treated; a fault that has been used is gone. */
export type Fault =
  | { status: number; headers?: Record<string, string>; detail?: string; contentType?: string }
  /** The socket is destroyed instead of an answer. */
  | "cut"
  /** Nothing is ever answered. */
  | "hang"
  /** It opens, and then says nothing: neither frames nor heartbeats nor pongs. */
  | "mute"
  /** The frame after the first is left out. */
  | "hole"
  /** Each frame comes twice. */
  | "twice";

type Sub = {
  transport: string;
  send(frames: Logged[]): void;
  end(code: number, reason: string): void;
  /** Ends the connection in the middle of a frame. */
  cut(): void;
};

/**
 * One channel's log on plain `node:http`, with the four transports as the contract has them. It is strict: an unknown
 * parameter, a `since` that it does not know the form of, or a frame of a client without mask ends the request.
 */
export class Topic {
  readonly server: Server;
  readonly log: Logged[] = [];
  readonly asked: { transport: string; since: string | null; token: string | null; url: URL }[] =
    [];
  /** What clients have sent over WebSockets. */
  readonly heard: string[] = [];
  readonly faults: Fault[] = [];
  readonly published = new Map<string, { body: string; ids: string[] }>();
  readonly subs = new Set<Sub>();
  readonly sockets = new Set<Socket>();
  tokens: Set<string> | undefined;
  epoch = "e1";
  /** Frames that the log has forgotten. */
  forgotten = 0;
  retryMs = 1;
  heartbeatMs = 20;
  /** WebSockets are refused as a proxy does that knows none. */
  hasSockets = true;
  /** Writes come in pieces of this size, each by itself. */
  pieceBytes = Number.POSITIVE_INFINITY;
  #seq = 0;

  constructor() {
    this.server = createServer((request, response) => this.#serve(request, response));
    this.server.on("upgrade", (request, socket: Socket) => this.#upgrade(request, socket));
    this.server.on("connection", (socket) => {
      socket.setNoDelay(true);
      // One kept-alive connection serves many polls.
      socket.setMaxListeners(0);
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get position(): string {
    return `${this.epoch}-${this.#seq}`;
  }

  append(data: unknown, event = "message"): Logged {
    this.#seq++;
    const frame = { id: this.position, event, data, at: new Date(0).toISOString() };
    this.log.push(frame);
    for (const sub of this.subs) sub.send([frame]);
    return frame;
  }

  /** The log loses its end: with another epoch, as after its loss, all of it. */
  restart(epoch: string, count = 0): void {
    this.epoch = epoch;
    this.#seq = count;
    this.log.length = count;
    this.forgotten = 0;
  }

  /** Frames behind `since`, and the gap before them. */
  after(since: string | null): { from: string; frames: Logged[] } {
    const kept = this.log.slice(this.forgotten);
    if (since === null) return { from: this.position, frames: [] };
    if (since === "all") return { from: `${this.epoch}-${this.forgotten}`, frames: kept };
    if (since === "latest") {
      return { from: `${this.epoch}-${Math.max(this.#seq - 1, 0)}`, frames: kept.slice(-1) };
    }
    const [epoch, text] = since.split("-");
    const isKnown = epoch === this.epoch && Number(text) <= this.#seq;
    if (isKnown && Number(text) >= this.forgotten) {
      return { from: since, frames: this.log.slice(Number(text)) };
    }
    // It does not know a place that is beyond its end.
    const after = epoch === this.epoch && !isKnown ? this.#seq : this.forgotten;
    const data = {
      from: isKnown ? `${epoch}-${Number(text) + 1}` : since,
      to: `${this.epoch}-${after}`,
    };
    const gap = { id: data.to, event: "gap", data, at: new Date(0).toISOString() };
    return { from: since, frames: [gap, ...this.log.slice(after)] };
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "", "http://topic");
    const transport = url.pathname.split("/").at(-1) ?? "";
    if (transport === "publish") return this.#publish(request, response);
    const fault = this.#refuse(request, url, transport) ?? this.faults.shift();
    if (fault === "cut") return void request.socket.destroy();
    if (fault === "hang") return;
    if (typeof fault === "object") return answerFault(response, fault);
    if (transport === "ws") return answerFault(response, { status: 426, detail: "Upgrade it." });
    if (transport === "poll") return this.#poll(url, response);
    const isSse = transport === "sse";
    const contentType = isSse ? "text/event-stream; charset=utf-8" : "application/x-ndjson";
    response.writeHead(200, { "content-type": contentType });
    response.flushHeaders();
    if (fault === "mute") return;
    const write = (text: string) => {
      if (response.writable) this.#write(response, Buffer.from(text));
    };
    const beat = setInterval(() => write(isSse ? ":\n\n" : "\n"), this.heartbeatMs);
    const sub = this.#subscribe(url, fault, {
      transport,
      text: isSse ? (frame) => toSse(frame, this.retryMs) : (frame) => `${JSON.stringify(frame)}\n`,
      write,
      close: () => response.end(),
      tear: (text) => {
        response.write(text.slice(0, -1));
        request.socket.destroySoon();
      },
    });
    request.socket.on("close", () => {
      clearInterval(beat);
      this.subs.delete(sub);
    });
  }

  #write(to: { write(bytes: Buffer): unknown }, bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += this.pieceBytes) {
      to.write(bytes.subarray(at, at + this.pieceBytes));
    }
  }

  #subscribe(
    url: URL,
    fault: Fault | undefined,
    way: {
      transport: string;
      text(frame: Logged): string;
      write(text: string): void;
      close(code: number, reason: string): void;
      tear(text: string): void;
    },
  ): Sub {
    let sent = 0;
    const isBatch = url.searchParams.get("batch") === "1";
    const textsOf = (frame: Logged) => {
      sent++;
      if (fault === "hole" && sent === 2) return [];
      return Array<string>(fault === "twice" ? 2 : 1).fill(way.text(frame));
    };
    const sub: Sub = {
      transport: way.transport,
      send: (frames) => {
        const texts = frames.flatMap(textsOf);
        if (texts.length === 0) return;
        if (isBatch) way.write(texts.join("\n"));
        else for (const text of texts) way.write(text);
      },
      end: (code, reason) => {
        this.subs.delete(sub);
        const at = new Date(0).toISOString();
        if (way.transport !== "ws") {
          // It has no place in the log.
          way.write(way.text({ id: null as never, event: "end", data: { code, reason }, at }));
        }
        way.close(code, reason);
      },
      cut: () => {
        this.subs.delete(sub);
        // All of a frame but its last byte: whoever takes it for one has a frame that never was.
        const next = { id: `${this.epoch}-${this.#seq + 1}`, event: "torn", data: "x", at: "" };
        way.tear(way.text(next));
      },
    };
    const { from, frames } = this.after(url.searchParams.get("since"));
    way.write(way.text({ id: from, event: "ready", data: null, at: new Date(0).toISOString() }));
    sub.send(frames);
    this.subs.add(sub);
    return sub;
  }

  #poll(url: URL, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "application/json" });
    // White space keeps the connection in use until there is something to say.
    response.write(" ");
    const answer = (data: Logged[], next: string) => {
      response.end(JSON.stringify({ data, next }));
    };
    const { frames } = this.after(url.searchParams.get("since"));
    const last = frames.at(-1);
    if (last) return answer(frames, last.id);
    const sub: Sub = {
      transport: "poll",
      send: (later) => done(later, later.at(-1)?.id ?? this.position),
      end: () => done([], this.position),
      cut: () => {
        this.subs.delete(sub);
        response.write('{"data":[');
        response.socket?.destroySoon();
      },
    };
    const done = (data: Logged[], next: string) => {
      clearTimeout(timer);
      this.subs.delete(sub);
      answer(data, next);
    };
    const waitMs = url.searchParams.get("wait") === "0" ? 0 : this.heartbeatMs * 5;
    const timer = setTimeout(() => done([], this.position), waitMs);
    response.on("close", () => {
      clearTimeout(timer);
      this.subs.delete(sub);
    });
    this.subs.add(sub);
  }

  #upgrade(request: IncomingMessage, socket: Socket): void {
    const url = new URL(request.url ?? "", "http://topic");
    const refusal = this.hasSockets ? this.#refuse(request, url, "ws") : { status: 502 };
    const fault = refusal ?? this.faults.shift();
    if (fault === "cut") return void socket.destroy();
    if (fault === "hang") return;
    if (typeof fault === "object") {
      // A client that cannot upgrade is to ask again without: it is to be told the same then.
      if (!refusal) this.faults.unshift(fault);
      socket.end(`HTTP/1.1 ${fault.status} No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    acceptSocket(request, socket);
    const write = (bytes: Buffer) => this.#write(socket, bytes);
    const isMute = fault === "mute";
    socket.on("error", () => {});
    readMasked(socket, (opcode, payload) => {
      if (opcode === 8) return void socket.end();
      this.heard.push(payload.toString());
      if (payload.toString() === "ping" && !isMute) write(messageFrame("pong"));
    });
    if (isMute) return;
    const sub = this.#subscribe(url, fault, {
      transport: "ws",
      text: (frame) => JSON.stringify(frame),
      write: (text) => write(messageFrame(text)),
      close: (code, reason) => {
        write(closeFrame(code, reason));
        socket.end();
      },
      tear: (text) => {
        socket.write(frameHead(1, text.length));
        socket.write(text.slice(0, -1));
        socket.destroySoon();
      },
    });
    socket.on("close", () => this.subs.delete(sub));
  }

  /** Notes who asks for what, and what is wrong with it. */
  #refuse(request: IncomingMessage, url: URL, transport: string) {
    const { searchParams } = url;
    const bearer = request.headers.authorization?.replace(/^Bearer /, "");
    const token = bearer ?? searchParams.get("token");
    const since = searchParams.get("since");
    this.asked.push({ transport, since, token, url });
    const own = { ws: ["token", "acks", "batch"], poll: ["wait"] }[transport] ?? [];
    const known = ["since", "slow", ...own];
    for (const name of searchParams.keys()) {
      if (!known.includes(name)) return { status: 422, detail: `${name}: is no parameter here` };
    }
    if (since !== null && !/^(all|latest|[0-9a-z]+-\d+)$/.test(since)) {
      return { status: 422, detail: `since: ${since} is none` };
    }
    if (this.tokens && !this.tokens.has(token ?? "")) {
      return { status: 401, detail: "The token is not known." };
    }
    return undefined;
  }

  #publish(request: IncomingMessage, response: ServerResponse): void {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const fault = this.faults.shift();
      const key = String(request.headers["idempotency-key"]);
      if (typeof fault === "object") return answerFault(response, fault);
      const token = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
      if (this.tokens && !this.tokens.has(token)) {
        return answerFault(response, { status: 401, detail: "The token is not known." });
      }
      const earlier = this.published.get(key);
      if (earlier && earlier.body !== body) return answerFault(response, { status: 409 });
      const { events, ...one } = JSON.parse(body);
      const ids =
        earlier?.ids ??
        (events ?? [one]).map(({ event, data }: Logged) => this.append(data, event).id);
      this.published.set(key, { body, ids });
      // It has happened, and the publisher does not hear of it.
      if (fault === "cut") return void request.socket.destroy();
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ ids }));
    });
  }
}

function answerFault(response: ServerResponse, fault: Extract<Fault, object>): void {
  const { status, headers, detail = "No.", contentType = "application/problem+json" } = fault;
  response.writeHead(status, { "content-type": contentType, ...headers });
  response.end(JSON.stringify({ type: "about:blank", title: "Fault", status, detail }));
}

function toSse({ id, event, data }: Logged, retryMs: number): string {
  if (event === "ready") return `id: ${id}\nretry: ${retryMs}\n\n`;
  const name = event === "message" ? "" : `event: ${event}\n`;
  return `${id === null ? "" : `id: ${id}\n`}${name}data: ${JSON.stringify(data)}\n\n`;
}
