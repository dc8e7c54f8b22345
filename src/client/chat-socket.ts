import { ClientError } from "./client-error.ts";
import type { Timing } from "./constants.ts";
import type { Cut } from "./cut.ts";
import { cutOf } from "./end.ts";
import { explainSocket } from "./explain-socket.ts";
import { Inbox } from "./inbox.ts";
import { parseJson } from "./ndjson-parser.ts";
import { createAlarm } from "./pause.ts";
import { PASSING_STATUSES, reasonOf } from "./refusal.ts";

export type ChatFrame = Record<string, unknown> & { type: string };
export type Write = (frame: object | string) => void;

/** One connection, as the chat's socket sees the chat. */
export type ChatLine = {
  /** With the token. */
  url: URL;
  signal: AbortSignal;
  timing: Timing;
  /** The server has been heard. */
  isOpen(): boolean;
  /** Handles a frame. A cut: this connection is of no more use. */
  take(frame: ChatFrame, write: Write): Promise<Cut | null>;
  /** What asks the server whether it lives, while there is a connection. */
  onProbe(probe: (() => void) | null): void;
};

const HEARTBEAT = JSON.stringify({ action: "heartbeat" });

/** Opens a connection of a chat and reads it to its end. Never throws. */
export async function runChatSocket(line: ChatLine): Promise<Cut> {
  const inbox = new Inbox();
  let socket: WebSocket;
  try {
    socket = new WebSocket(line.url.href.replace(/^http/, "ws"));
  } catch (error) {
    const message = `No WebSocket can be opened: ${reasonOf(error)}`;
    return { kind: "final", error: new ClientError(message) };
  }
  const close = listen(socket, inbox, line);
  const cut = await readOn(socket, inbox, line);
  close();
  const isRefused = cut.kind === "lost" && !line.isOpen() && !line.signal.aborted;
  return isRefused ? explainSocket(line.url, line) : cut;
}

/** Fills the inbox, and watches over the socket's life. Gives what closes it. */
function listen(socket: WebSocket, inbox: Inbox, line: ChatLine): () => void {
  const { openMs, pingMs, pongMs } = line.timing;
  const end = (message: string) => inbox.end({ kind: "lost", error: new ClientError(message) });
  const dead = createAlarm(openMs, () => end("The server no longer answers."));
  let isAsked = false;
  const probe = () => {
    ping.again();
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(HEARTBEAT);
    if (!isAsked) dead.again(pongMs);
    isAsked = true;
  };
  const ping = createAlarm(pingMs, probe);
  const abort = () => end("The chat was closed.");
  socket.addEventListener("message", ({ data }) => {
    // Any sign of life will do; ours is due all the same, or the server takes whoever only listens for gone.
    dead.stop();
    isAsked = false;
    if (typeof data === "string") inbox.push(data);
    else end("What came is no text.");
  });
  socket.addEventListener("close", ({ code, reason }) => {
    // 1005 and 1006 are never sent: there was no code, or no word at all.
    if (code === 1005 || code === 1006) end("The connection was lost.");
    else inbox.end(line.isOpen() ? cutOfClose(code, reason) : cutOfRefusal(code, reason));
  });
  // A `close` follows; without a listener Node would call it unhandled.
  socket.addEventListener("error", () => {});
  line.signal.addEventListener("abort", abort);
  if (line.signal.aborted) abort();
  line.onProbe(probe);
  return () => {
    line.onProbe(null);
    dead.stop();
    ping.stop();
    line.signal.removeEventListener("abort", abort);
    socket.close();
  };
}

async function readOn(socket: WebSocket, inbox: Inbox, line: ChatLine): Promise<Cut> {
  const write: Write = (frame) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  };
  for (;;) {
    const next = await inbox.next();
    if ("cut" in next) return next.cut;
    try {
      const cut = await line.take(readFrame(next.text), write);
      if (cut) return cut;
    } catch (error) {
      if (error instanceof ClientError) return { kind: "lost", error };
      const message = `A handler failed: ${reasonOf(error)}`;
      return { kind: "final", error: new ClientError(message, 0, { cause: error }) };
    }
  }
}

/** Whoever was put out for a newer connection would put out another one in its turn, without end. */
function cutOfClose(code: number, reason: string): Cut {
  const cut = cutOf(code, reason);
  return reason === "too_many_connections" ? { kind: "final", error: cut.error } : cut;
}

/** A browser cannot read the answer to a failed upgrade: the socket opens, and closes with 4000 + the status. */
function cutOfRefusal(code: number, reason: string): Cut {
  const status = code - 4000;
  const error = new ClientError(reason || `The server answered ${status}.`, status);
  if (status === 401) return { kind: "unauthorized", error };
  const isFinal = status >= 400 && status < 500 && !PASSING_STATUSES.includes(status);
  return isFinal ? { kind: "final", error } : { kind: "lost", error };
}

function readFrame(text: string): ChatFrame {
  const frame = parseJson(text) as { type?: unknown } | null;
  if (typeof frame?.type === "string") return frame as ChatFrame;
  throw new ClientError("What came is no frame: it has no type.");
}
