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
import { createApiKey } from "./create-api-key.ts";
import { deleteApiKey } from "./delete-api-key.ts";
import { listApiKeys } from "./list-api-keys.ts";
import { ApiKey, CreateApiKey, CreatedApiKey, UpdateApiKey } from "./schemas.ts";
import { updateApiKey } from "./update-api-key.ts";

const base = { tags: ["API keys"], security: [{ apiKey: [] }] };

const create = createRoute({
  ...base,
  method: "post",
  path: "/api-keys",
  summary: "Create an API key; it is shown once",
  middleware: [requires("admin"), idempotent] as const,
  request: { body: jsonBody(CreateApiKey) },
  responses: { 201: jsonResponse(CreatedApiKey, "The key"), ...problems(413, 415, 422) },
});

const list = createRoute({
  ...base,
  method: "get",
  path: "/api-keys",
  summary: "List API keys",
  middleware: [requires("admin")] as const,
  request: { query: PageQuery },
  responses: { 200: jsonResponse(pageOf(ApiKey), "Newest first"), ...problems() },
});

const update = createRoute({
  ...base,
  method: "patch",
  path: "/api-keys/{id}",
  summary: "Rename an API key; its scopes stay",
  middleware: [requires("admin")] as const,
  request: { params: z.object({ id: z.string() }), body: jsonBody(UpdateApiKey) },
  responses: { 200: jsonResponse(ApiKey, "The key"), ...problems(404, 413, 415, 422) },
});

const remove = createRoute({
  ...base,
  method: "delete",
  path: "/api-keys/{id}",
  summary: "Delete an API key",
  middleware: [requires("admin")] as const,
  request: { params: z.object({ id: z.string() }) },
  responses: { 204: { description: "Deleted" }, ...problems(404, 409) },
});

export const apiKeyRoutes = createRouter()
  .openapi(create, async (c) => c.json(await createApiKey(c.get("ctx"), c.req.valid("json")), 201))
  .openapi(list, async (c) => c.json(await listApiKeys(c.get("ctx"), c.req.valid("query")), 200))
  .openapi(update, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await updateApiKey(c.get("ctx"), id, c.req.valid("json")), 200);
  })
  .openapi(remove, async (c) => {
    await deleteApiKey(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  });
