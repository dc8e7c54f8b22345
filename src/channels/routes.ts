import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import {
  type AdminEnv,
  authorizeChannel,
  createRouter,
  jsonBody,
  jsonResponse,
  keyed,
  problems,
} from "../admin/index.ts";
import { BatonError } from "../errors.ts";
import { describeChannel } from "./describe-channel.ts";
import { pollChannel } from "./poll-channel.ts";
import { publishFrames } from "./publish-frames.ts";
import { topicName } from "./rpc.ts";
import {
  ChannelDescription,
  ChannelName,
  PollChannel,
  Polled,
  PublishedIds,
  PublishFrames,
  Since,
  Subscribe,
  SubscribeSocket,
} from "./schemas.ts";
import { streamChannel } from "./stream-channel.ts";
import { upgradeClient } from "./upgrade-client.ts";

const security: Record<string, string[]>[] = [{ apiKey: [] }, { channelToken: [] }];
const base = { tags: ["Channels"], security };
const params = z.object({ name: ChannelName });

const publish = createRoute({
  ...base,
  method: "post",
  path: "/channels/{name}/publish",
  summary: "Publish one frame, or several together",
  middleware: [keyed] as const,
  request: { params, body: jsonBody(PublishFrames) },
  responses: { 200: jsonResponse(PublishedIds, "Their ids, in order"), ...problems() },
});

const describe = createRoute({
  ...base,
  method: "get",
  path: "/channels/{name}",
  summary: "How many subscribe to a channel, and where it is",
  request: { params },
  responses: { 200: jsonResponse(ChannelDescription, "The channel"), ...problems() },
});

const subscribe = { ...base, method: "get" as const };

const ws = createRoute({
  ...subscribe,
  path: "/channels/{name}/ws",
  summary: "Subscribe by WebSocket",
  request: { params, query: SubscribeSocket },
  responses: {
    101: { description: "Text messages, each a frame as JSON; `ping` is answered by `pong`" },
    426: { description: "This is no upgrade to WebSocket" },
    ...problems(),
  },
});

const sse = createRoute({
  ...subscribe,
  path: "/channels/{name}/sse",
  summary: "Subscribe by Server-Sent Events",
  request: { params, query: Subscribe },
  responses: {
    200: {
      description: "An event stream; `data` is the frame's data as JSON in one line",
      content: { "text/event-stream": { schema: z.string() } },
    },
    ...problems(),
  },
});

const ndjson = createRoute({
  ...subscribe,
  path: "/channels/{name}/ndjson",
  summary: "Subscribe by JSON lines",
  request: { params, query: Subscribe },
  responses: {
    200: {
      description: "A frame a line; empty lines keep the connection in use",
      content: { "application/x-ndjson": { schema: z.string() } },
    },
    ...problems(),
  },
});

const poll = createRoute({
  ...subscribe,
  path: "/channels/{name}/poll",
  summary: "Wait for frames, at most 25 s",
  request: { params, query: PollChannel },
  responses: { 200: jsonResponse(Polled, "Frames, and where to go on"), ...problems() },
});

export const channelRoutes = createRouter()
  .openapi(publish, async (c) => {
    const { name } = c.req.valid("param");
    authorizeChannel(c, { name, action: "publish" });
    const ids = await publishFrames(c.get("ctx"), name, c.req.valid("json"));
    return c.json({ ids }, 200);
  })
  .openapi(describe, async (c) => {
    const { name } = c.req.valid("param");
    authorizeChannel(c, { name, action: "subscribe" });
    return c.json(await describeChannel(c.get("ctx"), name), 200);
  })
  .openapi(ws, async (c) => {
    const { batch, acks, ...query } = c.req.valid("query");
    const { channels, topic, wish } = subscription(c, c.req.valid("param"), query);
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      c.header("upgrade", "websocket");
      return c.text("This address speaks WebSocket. Use /sse, /ndjson or /poll over HTTP.\n", 426);
    }
    const client = { request: c.req.raw, execution: c.executionCtx };
    return upgradeClient(client, channels, topic, {
      ...wish,
      format: "json",
      batch: batch === "1",
      acks: acks === "1",
    });
  })
  .openapi(sse, (c) => {
    const { channels, topic, wish } = subscription(c, c.req.valid("param"), c.req.valid("query"));
    return streamChannel(c.req.raw, channels, topic, { ...wish, format: "sse" });
  })
  .openapi(ndjson, (c) => {
    const { channels, topic, wish } = subscription(c, c.req.valid("param"), c.req.valid("query"));
    return streamChannel(c.req.raw, channels, topic, {
      ...wish,
      format: "lines",
    }) as Promise<never>;
  })
  .openapi(poll, (c) => {
    const { wait, ...query } = c.req.valid("query");
    const { channels, topic, wish } = subscription(c, c.req.valid("param"), query);
    // A stream of white space and then JSON, which no type says.
    return pollChannel(c.req.raw, channels, topic, { wish, waitSeconds: wait }) as Promise<never>;
  });

/** The object of a channel that the caller may read, and what is asked of it. A browser that comes back says where it was by the header. */
function subscription(
  c: Context<AdminEnv>,
  { name }: z.infer<typeof params>,
  { since, slow }: z.infer<typeof Subscribe>,
) {
  const { organizationId, ...term } = authorizeChannel(c, { name, action: "subscribe" });
  const { channels } = c.get("ctx");
  const last = Since.safeParse(c.req.header("last-event-id") || undefined);
  if (c.req.header("last-event-id") && !last.success) {
    throw new BatonError("malformed", "Last-Event-ID: this is no id of a frame; leave it out.");
  }
  const wish = { since: last.data ?? since ?? null, slow, ...term };
  return { channels, topic: topicName(organizationId, name), wish };
}
