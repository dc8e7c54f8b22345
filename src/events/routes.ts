import { createRoute, z } from "@hono/zod-openapi";
import { createRouter, jsonResponse, notYet, problems, requires } from "../admin/index.ts";
import { pageOf } from "../pagination.ts";
import { getEvent } from "./get-event.ts";
import { getEventBody } from "./get-event-body.ts";
import { listEvents } from "./list-events.ts";
import { Event, ListEvents } from "./schemas.ts";

const base = { tags: ["Events"], security: [{ apiKey: [] }] };
const params = z.object({ id: z.string() });

const list = createRoute({
  ...base,
  method: "get",
  path: "/events",
  summary: "List events",
  middleware: [requires("read"), notYet("q")] as const,
  request: { query: ListEvents },
  responses: { 200: jsonResponse(pageOf(Event), "Newest first"), ...problems(422) },
});

const get = createRoute({
  ...base,
  method: "get",
  path: "/events/{id}",
  summary: "Get an event",
  middleware: [requires("read")] as const,
  request: { params },
  responses: { 200: jsonResponse(Event, "The event"), ...problems(404) },
});

const body = createRoute({
  ...base,
  method: "get",
  path: "/events/{id}/body",
  summary: "Get an event's body: the exact bytes, with their original content type",
  middleware: [requires("read")] as const,
  request: { params },
  responses: {
    200: {
      description: "The bytes as received; nothing is decoded",
      content: { "*/*": { schema: z.string().meta({ format: "binary" }) } },
    },
    ...problems(404),
  },
});

/** A stranger's bytes on our own host: saved, never shown, and changed by nobody on the way. */
const BODY_HEADERS = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; sandbox",
  "cache-control": "no-store, no-transform",
};

export const eventRoutes = createRouter()
  .openapi(list, async (c) => c.json(await listEvents(c.get("ctx"), c.req.valid("query")), 200))
  .openapi(get, async (c) => c.json(await getEvent(c.get("ctx"), c.req.valid("param").id), 200))
  .openapi(body, async (c) => {
    const { id } = c.req.valid("param");
    const { body, contentType } = await getEventBody(c.get("ctx"), id);
    return c.body(body, 200, {
      ...BODY_HEADERS,
      "content-type": contentType,
      "content-disposition": `attachment; filename="${id}.bin"`,
    });
  });
