import { BatonError } from "../errors.ts";
import { ACK_EVERY_BYTES, PING_EVERY_MS, PONG_WITHIN_MS } from "./constants.ts";
import type { Channels, SocketWish } from "./rpc.ts";
import { toQuery } from "./socket-wish.ts";

export type BridgeEvents = {
  /** `done` says that the message has been read on: the channel is then told that there is room. */
  onMessage: (message: string | ArrayBuffer, done: () => void) => void;
  /** Once. The code is the channel's; 1006 when the socket was lost. */
  onEnd: (code: number, reason: string) => void;
};

/** A socket to a channel, on behalf of a reader that has no socket of its own. */
export type Bridge = { close(): void };

/**
 * Opens a socket to a channel. What is read is acknowledged, and a channel that does not answer pings is given up: an
 * object that was replaced must not leave its readers waiting. 503 when the channel cannot be reached.
 */
export async function openBridge(
  channels: Channels,
  name: string,
  wish: Omit<SocketWish, "acks">,
  { onMessage, onEnd }: BridgeEvents,
): Promise<Bridge> {
  const socket = await upgrade(channels, name, { ...wish, acks: true });
  let [received, acked] = [0, 0];
  let pongTimer: ReturnType<typeof setTimeout> | undefined;
  let isOpen = true;
  const end = (code: number, reason: string) => {
    if (!isOpen) return;
    isOpen = false;
    clearInterval(timer);
    clearTimeout(pongTimer);
    try {
      socket.close(1000);
    } catch {
      // It is closed.
    }
    onEnd(code, reason);
  };
  const done = (size: number) => {
    received += size;
    if (!isOpen || received - acked < ACK_EVERY_BYTES) return;
    acked = received;
    socket.send(`ack ${received}`);
  };
  const timer = setInterval(() => {
    socket.send("ping");
    pongTimer = setTimeout(() => end(1006, "no pong"), PONG_WITHIN_MS);
  }, PING_EVERY_MS);
  socket.addEventListener("message", ({ data }: MessageEvent) => {
    clearTimeout(pongTimer);
    if (!isOpen || data === "pong") return;
    const message = data as string | ArrayBuffer;
    const size = typeof message === "string" ? message.length : message.byteLength;
    onMessage(message, () => done(size));
  });
  socket.addEventListener("close", ({ code, reason }: CloseEvent) => end(code, reason));
  socket.addEventListener("error", () => end(1006, "error"));
  socket.binaryType = "arraybuffer";
  socket.accept();
  return { close: () => end(1000, "") };
}

async function upgrade(channels: Channels, name: string, wish: SocketWish): Promise<WebSocket> {
  const { webSocket } = await upgradeTo(channels, name, wish);
  if (!webSocket) throw unavailable();
  return webSocket;
}

/** The channel's own answer to an upgrade, for a subscriber that speaks WebSocket itself. 503 when it takes nobody. */
export async function upgradeTo(
  channels: Channels,
  name: string,
  wish: SocketWish,
): Promise<Response> {
  const answer = await ask(channels, name, wish);
  if (answer.status !== 503) return answer;
  throw new BatonError("unavailable", await answer.text(), {
    retryAfterSeconds: Number(answer.headers.get("retry-after")),
  });
}

async function ask(channels: Channels, name: string, wish: SocketWish): Promise<Response> {
  try {
    const url = `https://channel/?${toQuery(wish).toString()}`;
    return await channels.getByName(name).fetch(url, { headers: { upgrade: "websocket" } });
  } catch {
    throw unavailable();
  }
}

export function unavailable(): BatonError {
  return new BatonError("unavailable", "The channel cannot be reached; try again.", {
    retryAfterSeconds: 1,
  });
}
