import { LOG_FRAMES } from "./constants.ts";
import { toJson } from "./frame.ts";
import { openBridge, unavailable } from "./open-bridge.ts";
import type { Channels, History, SocketWish } from "./rpc.ts";
import { STREAM_HEADERS } from "./stream-channel.ts";
import { type FrameSink, type FrameSource, streamFrames } from "./stream-frames.ts";

type PollWish = Omit<SocketWish, "acks" | "batch" | "format">;

const HEADERS = { ...STREAM_HEADERS, "content-type": "application/json" };

/**
 * One long poll: `{"data":[frames],"next":"<id>"}`, at once when there is a frame, else when one comes, and empty after
 * the longest wait. White space before it keeps the connection in use.
 */
export async function pollChannel(
  request: Request,
  channels: Channels,
  name: string,
  { wish, waitSeconds }: { wish: PollWish; waitSeconds: number },
): Promise<Response> {
  const { frames, gap, position } = await readHistory(channels, name, wish.since);
  const at = Date.now();
  const news = frames.map(toJson);
  if (gap) news.unshift(toJson({ id: gap.to, event: "gap", data: JSON.stringify(gap), at }));
  if (news.length > 0 || waitSeconds === 0) {
    return new Response(toAnswer(news, position), { headers: HEADERS });
  }
  const next = { wish: { ...wish, since: position }, position, waitSeconds };
  return streamFrames(request, { headers: HEADERS, heartbeat: " " }, (sink) =>
    waitForFrames(sink, channels, name, next),
  );
}

async function waitForFrames(
  sink: FrameSink,
  channels: Channels,
  name: string,
  { wish, position, waitSeconds }: { wish: PollWish; position: string; waitSeconds: number },
): Promise<FrameSource> {
  // Once it has ended, a sink takes nothing more.
  const answer = (texts: string[], next: string) =>
    sink.end(new TextEncoder().encode(toAnswer(texts, next)));
  const timer = setTimeout(() => answer([], position), waitSeconds * 1000);
  const onMessage = (message: string | ArrayBuffer) => {
    if (typeof message !== "string") return;
    const texts = message.split("\n");
    const frames = texts.map((text) => JSON.parse(text) as { id: string; event: string });
    const news = texts.filter((_, i) => frames[i]?.event !== "ready");
    if (news.length > 0) answer(news, frames.at(-1)?.id ?? position);
  };
  const asked = { ...wish, format: "json" as const, batch: true };
  try {
    const onEnd = () => answer([], position);
    const bridge = await openBridge(channels, name, asked, { onMessage, onEnd });
    return {
      close: () => {
        clearTimeout(timer);
        bridge.close();
      },
    };
  } catch (error) {
    clearTimeout(timer);
    throw error;
  }
}

async function readHistory(channels: Channels, name: string, since: string | null) {
  try {
    return (await channels.getByName(name).history(since, LOG_FRAMES)) as History;
  } catch {
    throw unavailable();
  }
}

function toAnswer(texts: string[], next: string): string {
  return `{"data":[${texts.join(",")}],"next":${JSON.stringify(next)}}\n`;
}
