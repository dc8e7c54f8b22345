import { ClientError } from "./client-error.ts";
import { ACK_EVERY_UNITS } from "./constants.ts";
import type { Cut } from "./cut.ts";
import { cutOf } from "./end.ts";
import { explainSocket } from "./explain-socket.ts";
import { readFrame } from "./frame.ts";
import { Inbox } from "./inbox.ts";
import { parseJson } from "./ndjson-parser.ts";
import { createAlarm } from "./pause.ts";
import { reasonOf } from "./refusal.ts";
import type { Line, Transport } from "./transport.ts";

/** Whether this runtime has WebSockets; Node 20 has none. */
export function hasSockets(): boolean {
  return typeof WebSocket === "function";
}

/** A WebSocket. It cannot send headers, so the token stands in the address; messages may hold several frames. */
export const runSocket: Transport = async (line) => {
  if (!hasSockets()) {
    const message = 'This runtime has no WebSocket (Node has since 22); use the transport "auto".';
    return { kind: "final", error: new ClientError(message) };
  }
  const url = socketUrl(line);
  const inbox = new Inbox();
  let socket: WebSocket;
  try {
    socket = new WebSocket(url.href.replace(/^http/, "ws"));
  } catch (error) {
    // E.g. `ws:` on a page that came by https.
    const message = `No WebSocket can be opened: ${reasonOf(error)}`;
    return { kind: "lost", error: new ClientError(message), isBlocked: true };
  }
  const close = listen(socket, inbox, line);
  const cut = await readOn(socket, inbox, line);
  close();
  const isRefused = cut.kind === "lost" && !line.isOpen() && !line.signal.aborted;
  return isRefused ? explainSocket(url, line) : cut;
};

function socketUrl(line: Line): URL {
  const url = line.url("ws");
  url.searchParams.set("acks", "1");
  url.searchParams.set("batch", "1");
  if (line.token !== undefined) url.searchParams.set("token", line.token);
  return url;
}

/** Fills the inbox, and watches over the socket's life. Gives what closes it. */
function listen(socket: WebSocket, inbox: Inbox, line: Line): () => void {
  const { openMs, pingMs, pongMs } = line.timing;
  const dead = createAlarm(openMs, () => end("The server no longer answers."));
  const ping = createAlarm(pingMs, () => {
    socket.send("ping");
    dead.again(pongMs);
  });
  ping.stop();
  const end = (message: string) => inbox.end({ kind: "lost", error: new ClientError(message) });
  const abort = () => {
    end("The subscription was closed.");
    socket.close();
  };
  socket.addEventListener("open", () => {
    line.opened();
    dead.stop();
    ping.again();
  });
  socket.addEventListener("message", ({ data }) => {
    if (inbox.hasEnded) return;
    // Any sign of life will do.
    dead.stop();
    ping.again();
    if (typeof data !== "string") end("What came is no text.");
    else if (data !== "pong") inbox.push(data);
  });
  socket.addEventListener("close", ({ code, reason }) => {
    // 1005 and 1006 are never sent: there was no code, or no word at all.
    inbox.end(code === 1005 || code === 1006 ? lostConnection() : cutOf(code, reason));
  });
  // A `close` follows; without a listener Node would call it unhandled.
  socket.addEventListener("error", () => {});
  line.signal.addEventListener("abort", abort);
  if (line.signal.aborted) abort();
  return () => {
    dead.stop();
    ping.stop();
    line.signal.removeEventListener("abort", abort);
    // What still comes is of no use.
    inbox.end(lostConnection());
    socket.close();
  };
}

/** Takes frames one after the other, and acknowledges what has been read: the server sends no more than a bound ahead. */
async function readOn(socket: WebSocket, inbox: Inbox, line: Line): Promise<Cut> {
  // In UTF-16 units, as the channel counts its texts.
  let read = 0;
  let acknowledged = 0;
  for (;;) {
    const next = await inbox.next();
    if ("cut" in next) return next.cut;
    const cut = await takeAll(next.text, line);
    if (cut) return cut;
    read += next.text.length;
    if (read - acknowledged >= ACK_EVERY_UNITS && socket.readyState === WebSocket.OPEN) {
      acknowledged = read;
      socket.send(`ack ${read}`);
    }
  }
}

async function takeAll(text: string, line: Line): Promise<Cut | null> {
  try {
    for (const one of text.split("\n")) {
      const cut = one.trim() === "" ? null : await line.take(readFrame(parseJson(one)));
      if (cut) return cut;
    }
    return null;
  } catch (error) {
    return { kind: "lost", error: error as ClientError };
  }
}

function lostConnection(): Cut {
  return { kind: "lost", error: new ClientError("The connection was lost.") };
}
