import { createRoute, z } from "@hono/zod-openapi";
import {
  createRouter,
  idempotent,
  jsonBody,
  jsonResponse,
  problems,
  requires,
} from "../admin/index.ts";
import { PageQuery, pageOf } from "../pagination.ts";
import { createSource } from "./create-source.ts";
import { deleteSource } from "./delete-source.ts";
import { getSource } from "./get-source.ts";
import { listSources } from "./list-sources.ts";
import { CreateSource, Source, UpdateSource } from "./schemas.ts";
import { updateSource } from "./update-source.ts";

const base = { tags: ["Sources"], security: [{ apiKey: [] }] };
const params = z.object({ id: z.string() });

const create = createRoute({
  ...base,
  method: "post",
  path: "/sources",
  summary: "Create a source; it takes requests at once",
  description: "409 when its slug or a hostname is taken, or was given up less than 24 h ago.",
  middleware: [requires("write"), idempotent] as const,
  request: { body: jsonBody(CreateSource) },
  responses: { 201: jsonResponse(Source, "The source"), ...problems(409, 413, 415, 422) },
});

const list = createRoute({
  ...base,
  method: "get",
  path: "/sources",
  summary: "List sources",
  middleware: [requires("read")] as const,
  request: { query: PageQuery },
  responses: { 200: jsonResponse(pageOf(Source), "Newest first"), ...problems() },
});

const get = createRoute({
  ...base,
  method: "get",
  path: "/sources/{id}",
  summary: "Get a source",
  middleware: [requires("read")] as const,
  request: { params },
  responses: { 200: jsonResponse(Source, "The source"), ...problems(404) },
});

const update = createRoute({
  ...base,
  method: "patch",
  path: "/sources/{id}",
  summary: "Change a source; effective within 5 s",
  description:
    "What is left out stays; `hostnames`, `response`, `verification` and `dedup` are replaced as a whole. A masked secret means the current one; `null` removes `verification` or `dedup`. 409 when somebody else changed `verification` meanwhile.",
  middleware: [requires("write")] as const,
  request: { params, body: jsonBody(UpdateSource) },
  responses: { 200: jsonResponse(Source, "The source"), ...problems(404, 409, 413, 415, 422) },
});

const remove = createRoute({
  ...base,
  method: "delete",
  path: "/sources/{id}",
  summary: "Delete a source with its rules; its events stay",
  description: "Its slug and hostnames stay reserved for this organization for 24 h.",
  middleware: [requires("write")] as const,
  request: { params },
  responses: { 204: { description: "Deleted" }, ...problems(404) },
});

export const sourceRoutes = createRouter()
  .openapi(create, async (c) => c.json(await createSource(c.get("ctx"), c.req.valid("json")), 201))
  .openapi(list, async (c) => c.json(await listSources(c.get("ctx"), c.req.valid("query")), 200))
  .openapi(get, async (c) => c.json(await getSource(c.get("ctx"), c.req.valid("param").id), 200))
  .openapi(update, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await updateSource(c.get("ctx"), id, c.req.valid("json")), 200);
  })
  .openapi(remove, async (c) => {
    await deleteSource(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  });
