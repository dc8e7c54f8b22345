import { createRoute, z } from "@hono/zod-openapi";
import {
  createRouter,
  idempotent,
  jsonBody,
  jsonResponse,
  problems,
  requires,
} from "../admin/index.ts";
import { readSettings } from "../context.ts";
import { openControl } from "../db/client.ts";
import { PageQuery, pageOf } from "../pagination.ts";
import { createDestination } from "./create-destination.ts";
import { deleteDestination } from "./delete-destination.ts";
import { getDestination } from "./get-destination.ts";
import { listDestinations } from "./list-destinations.ts";
import {
  CreateDestination,
  Destination,
  PatchDestination,
  SigningKeys,
  TestAttempt,
} from "./schemas.ts";
import { getSigningKeys } from "./signing-keys.ts";
import { testDestination } from "./test-destination.ts";
import { updateDestination } from "./update-destination.ts";

const base = { tags: ["Destinations"], security: [{ apiKey: [] }] };
const params = z.object({ id: z.string() });

const create = createRoute({
  ...base,
  method: "post",
  path: "/destinations",
  summary: "Create a destination",
  middleware: [requires("write"), idempotent] as const,
  request: { body: jsonBody(CreateDestination) },
  responses: { 201: jsonResponse(Destination, "The destination"), ...problems(413, 415, 422) },
});

const list = createRoute({
  ...base,
  method: "get",
  path: "/destinations",
  summary: "List destinations",
  middleware: [requires("read")] as const,
  request: { query: PageQuery },
  responses: { 200: jsonResponse(pageOf(Destination), "Newest first"), ...problems() },
});

const get = createRoute({
  ...base,
  method: "get",
  path: "/destinations/{id}",
  summary: "Get a destination",
  middleware: [requires("read")] as const,
  request: { params },
  responses: { 200: jsonResponse(Destination, "The destination"), ...problems(404) },
});

const update = createRoute({
  ...base,
  method: "patch",
  path: "/destinations/{id}",
  summary: "Change a destination; disabling it ends its waiting deliveries",
  middleware: [requires("write")] as const,
  request: { params, body: jsonBody(PatchDestination) },
  responses: {
    200: jsonResponse(Destination, "The changed destination"),
    ...problems(404, 409, 413, 415, 422),
  },
});

const remove = createRoute({
  ...base,
  method: "delete",
  path: "/destinations/{id}",
  summary: "Delete a destination that no rule uses; it ends its waiting deliveries",
  middleware: [requires("write")] as const,
  request: { params },
  responses: { 204: { description: "Deleted" }, ...problems(404, 409) },
});

const test = createRoute({
  ...base,
  method: "post",
  path: "/destinations/{id}/test",
  summary: "Send a marked sample now; nothing is stored",
  middleware: [requires("write")] as const,
  request: { params },
  responses: { 200: jsonResponse(TestAttempt, "What the call came to"), ...problems(404, 409) },
});

const signingKeys = createRoute({
  tags: ["Destinations"],
  security: [],
  method: "get",
  path: "/.well-known/baton/signing-keys/{id}",
  summary: "The public keys that verify what a destination is sent (`v1a`)",
  request: { params },
  responses: {
    200: jsonResponse(SigningKeys, "A JSON Web Key Set, in the order of its secrets"),
    ...problems(404),
  },
});

/** Long enough to spare us, short enough for a rotation: a new key signs beside the old one for longer. */
const KEYS_CACHE_SECONDS = 300;

/** For receivers, without a key of ours. */
export const signingKeyRoutes = createRouter().openapi(signingKeys, async (c) => {
  const deps = { db: openControl(c.env.DB), settings: readSettings(c.env) };
  const keys = await getSigningKeys(deps, c.req.valid("param").id);
  c.header("cache-control", `public, max-age=${KEYS_CACHE_SECONDS}`);
  c.header("access-control-allow-origin", "*");
  return c.json(keys, 200);
});

export const destinationRoutes = createRouter()
  .openapi(create, async (c) =>
    c.json(await createDestination(c.get("ctx"), c.req.valid("json")), 201),
  )
  .openapi(list, async (c) =>
    c.json(await listDestinations(c.get("ctx"), c.req.valid("query")), 200),
  )
  .openapi(get, async (c) =>
    c.json(await getDestination(c.get("ctx"), c.req.valid("param").id), 200),
  )
  .openapi(update, async (c) =>
    c.json(
      await updateDestination(c.get("ctx"), c.req.valid("param").id, c.req.valid("json")),
      200,
    ),
  )
  .openapi(remove, async (c) => {
    await deleteDestination(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(test, async (c) =>
    c.json(await testDestination(c.get("ctx"), c.req.valid("param").id), 200),
  );
