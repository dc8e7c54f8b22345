import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { type AdminEnv, createRouter, problems, requires } from "../admin/index.ts";
import { MAX_STREAM_LIFE_MS } from "../channels/index.ts";
import { MAX_LIVE_SOURCES, MAX_REPLAYED_EVENTS } from "./constants.ts";
import { LastEventId, WatchLive } from "./schemas.ts";
import { streamLive } from "./stream-live.ts";

const description = `An event stream (SSE). \`event\`: an event as \`GET /events\` shows it, when it is routed; \`delivery\`: a delivery as
\`GET /deliveries\` shows it, whenever it has changed; \`gap\`: \`{from, to, href}\`, a time whose events are too many to show
(more than ${MAX_REPLAYED_EVENTS}), and the list that has them; \`end\`: \`{reason}\`, come back. The same thing may come twice after a
reconnect, and is known by its id. A stream lasts an hour at the most.`;

const base = {
  method: "get" as const,
  tags: ["Live"],
  security: [{ apiKey: [] }],
  description,
};
const request = { query: WatchLive, headers: LastEventId };
const stream = {
  description: "Events and what becomes of them, as it happens",
  content: { "text/event-stream": { schema: z.string() } },
};

const ofSource = createRoute({
  ...base,
  middleware: [requires("read")] as const,
  path: "/sources/{id}/live",
  summary: "Watch a source's events and their deliveries",
  request: { ...request, params: z.object({ id: z.string() }) },
  responses: { 200: stream, ...problems(404) },
});

const ofAll = createRoute({
  ...base,
  middleware: [requires("read")] as const,
  path: "/live",
  summary: `Watch the events of all sources, of the ${MAX_LIVE_SOURCES} newest ones`,
  request,
  responses: { 200: stream, ...problems() },
});

export const liveRoutes = createRouter()
  .openapi(ofSource, (c) => {
    const since = c.req.valid("header")["last-event-id"] ?? c.req.valid("query").since;
    return serve(c, c.req.valid("param").id, since);
  })
  .openapi(ofAll, (c) => {
    const since = c.req.valid("header")["last-event-id"] ?? c.req.valid("query").since;
    return serve(c, null, since);
  });

function serve(c: Context<AdminEnv>, sourceId: string | null, since: string | undefined) {
  const wish = { sourceId, since, lifeMs: MAX_STREAM_LIFE_MS };
  return streamLive(c.get("ctx"), c.req.raw, wish);
}
