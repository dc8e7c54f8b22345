import { streamFrames } from "../channels/index.ts";
import { AgentStream } from "./agent-stream.ts";
import type { KakaoDeps } from "./deps.ts";
import type { Caller } from "./find-caller.ts";

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache",
  connection: "keep-alive",
  "x-accel-buffering": "no",
};

/** The messages of an agent's users as they come, and first those that it has not had. */
export function streamEvents(ctx: KakaoDeps, caller: Caller, request: Request): Promise<Response> {
  return streamFrames(request, { headers: HEADERS, heartbeat: ":\n\n" }, async (sink) => {
    const stream = new AgentStream(ctx, caller, sink);
    await stream.begin();
    ctx.waitUntil(stream.run());
    return stream;
  });
}
