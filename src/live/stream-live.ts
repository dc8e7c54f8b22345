import { STREAM_HEADERS, STREAM_STYLES, streamFrames } from "../channels/index.ts";
import type { Context } from "../context.ts";
import { selectLiveSources } from "./live-sources.ts";
import { LiveStream, type LiveWish } from "./live-stream.ts";

/** The answer to who watches. 404 for another organization's source. */
export async function streamLive(
  ctx: Context,
  request: Request,
  wish: LiveWish,
): Promise<Response> {
  const sources = await selectLiveSources(ctx, wish.sourceId);
  const { contentType, heartbeat } = STREAM_STYLES.sse;
  const headers = { ...STREAM_HEADERS, "content-type": contentType };
  if (request.method === "HEAD") return new Response(null, { headers });
  return streamFrames(request, { headers, heartbeat }, async (sink) => {
    const stream = new LiveStream(ctx, wish, sources, sink);
    try {
      await stream.begin();
    } catch (error) {
      stream.close();
      throw error;
    }
    void stream.run();
    return stream;
  });
}
