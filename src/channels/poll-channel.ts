import { MAX_POLL_WAIT_MS } from "./constants.ts";
import { openBridge } from "./open-bridge.ts";
import type { Channels, SocketWish } from "./rpc.ts";
import { STREAM_HEADERS } from "./stream-channel.ts";
import { streamFrames } from "./stream-frames.ts";

/**
 * One long poll: `{"data":[frames],"next":"<id>"}` as soon as there is a frame, or empty after the longest wait. White
 * space before it keeps the connection in use.
 */
export function pollChannel(
  request: Request,
  channels: Channels,
  name: string,
  wish: Omit<SocketWish, "acks" | "batch" | "format">,
): Promise<Response> {
  const headers = { ...STREAM_HEADERS, "content-type": "application/json" };
  return streamFrames(request, { headers, heartbeat: " " }, async (sink) => {
    let next = "";
    let isAnswered = false;
    const answer = (texts: string[]) => {
      if (isAnswered) return;
      isAnswered = true;
      clearTimeout(timer);
      const text = `{"data":[${texts.join(",")}],"next":${JSON.stringify(next)}}\n`;
      sink.end(new TextEncoder().encode(text));
    };
    const timer = setTimeout(() => answer([]), MAX_POLL_WAIT_MS);
    const bridge = await openBridge(
      channels,
      name,
      { ...wish, format: "json", batch: true },
      {
        onMessage: (message) => {
          if (typeof message !== "string") return;
          const texts = message.split("\n");
          const frames = texts.map((text) => JSON.parse(text) as { id: string; event: string });
          next = frames.at(-1)?.id ?? next;
          const news = texts.filter((_, i) => frames[i]?.event !== "ready");
          if (news.length > 0) answer(news);
        },
        onEnd: () => answer([]),
      },
    );
    return {
      close: () => {
        clearTimeout(timer);
        isAnswered = true;
        bridge.close();
      },
    };
  });
}
