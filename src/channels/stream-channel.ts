import { CLOSE_REASONS } from "./constants.ts";
import { openBridge } from "./open-bridge.ts";
import type { Channels, SocketWish } from "./rpc.ts";
import { streamFrames } from "./stream-frames.ts";

type Style = {
  contentType: string;
  /** What a reader skips. */
  heartbeat: string;
  /** The last frame of a stream that the channel has ended. */
  end: (data: string) => string;
};

/** How a stream is written, by its format. */
export const STREAM_STYLES = {
  sse: {
    contentType: "text/event-stream",
    heartbeat: ":\n",
    end: (data) => `event: end\ndata: ${data}\n\n`,
  },
  lines: {
    contentType: "application/x-ndjson",
    heartbeat: "\n",
    end: (data) => `{"id":null,"event":"end","data":${data},"at":"${new Date().toISOString()}"}\n`,
  },
} as const satisfies Record<string, Style>;

export const STREAM_HEADERS = {
  "cache-control": "no-store, no-transform",
  // Proxies that gather answers must not gather this one.
  "x-accel-buffering": "no",
};

/** A channel as Server-Sent Events or JSON lines: the bytes are the channel's own, passed on as they are. */
export function streamChannel(
  request: Request,
  channels: Channels,
  name: string,
  wish: Omit<SocketWish, "acks" | "batch" | "format"> & { format: "sse" | "lines" },
): Promise<Response> {
  const { contentType, heartbeat, end } = STREAM_STYLES[wish.format];
  const headers = { ...STREAM_HEADERS, "content-type": contentType };
  return streamFrames(request, { headers, heartbeat }, (sink) =>
    openBridge(
      channels,
      name,
      { ...wish, batch: true },
      {
        onMessage: (message, done) => {
          if (typeof message !== "string") sink.write(new Uint8Array(message), done);
        },
        onEnd: (code) => {
          const reason = (CLOSE_REASONS as Record<number, string>)[code];
          // A lost socket just ends the stream: the reader comes back with its last id.
          if (reason === undefined) return sink.end();
          sink.end(new TextEncoder().encode(end(JSON.stringify({ code, reason }))));
        },
      },
    ),
  );
}
