import { createRoute } from "@hono/zod-openapi";
import {
  byPortal,
  createRouter,
  idempotent,
  jsonBody,
  jsonResponse,
  portalReading,
  portalWriting,
  problems,
  requires,
} from "../admin/index.ts";
import { PageQuery, pageOf } from "../pagination.ts";
import { createPortal } from "./create-portal.ts";
import { deletePortal } from "./delete-portal.ts";
import { getPortal } from "./get-portal.ts";
import { listPortals } from "./list-portals.ts";
import { deleteCredentials, putCredentials } from "./put-credentials.ts";
import { CreatePortal, Credentials, MaskedCredentials, PatchPortal, Portal } from "./schemas.ts";
import { updatePortal } from "./update-portal.ts";

const create = createRoute({
  ...portalWriting,
  method: "post",
  path: "/portals",
  summary: "Create a portal: a web site with one account of it",
  description: "An enabled portal's sessions start at once; `PUT …/credentials` sets the account.",
  middleware: [requires("write"), idempotent] as const,
  request: { body: jsonBody(CreatePortal) },
  responses: { 201: jsonResponse(Portal, "The portal"), ...problems(409, 413, 415, 422) },
});

const list = createRoute({
  ...portalReading,
  method: "get",
  path: "/portals",
  summary: "List portals",
  request: { query: PageQuery },
  responses: { 200: jsonResponse(pageOf(Portal), "Newest first"), ...problems() },
});

const get = createRoute({
  ...portalReading,
  method: "get",
  path: "/portals/{id}",
  summary: "Get a portal",
  request: { params: byPortal },
  responses: { 200: jsonResponse(Portal, "The portal"), ...problems(404) },
});

const update = createRoute({
  ...portalWriting,
  method: "patch",
  path: "/portals/{id}",
  summary: "Change a portal; disabling it logs its sessions out",
  request: { params: byPortal, body: jsonBody(PatchPortal) },
  responses: { 200: jsonResponse(Portal, "The changed portal"), ...problems(404, 413, 415, 422) },
});

const remove = createRoute({
  ...portalWriting,
  method: "delete",
  path: "/portals/{id}",
  summary: "Delete a portal; its sessions are logged out and forgotten first",
  request: { params: byPortal },
  responses: { 204: { description: "Deleted" }, ...problems(404, 503) },
});

const putCredentialsRoute = createRoute({
  ...portalWriting,
  method: "put",
  path: "/portals/{id}/credentials",
  summary: "Set the account that a portal logs in with",
  description: "They are kept encrypted, answered masked, and never returned.",
  request: { params: byPortal, body: jsonBody(Credentials) },
  responses: {
    200: jsonResponse(MaskedCredentials, "The account, masked"),
    ...problems(404, 413, 415, 422),
  },
});

const deleteCredentialsRoute = createRoute({
  ...portalWriting,
  method: "delete",
  path: "/portals/{id}/credentials",
  summary: "Forget the account that a portal logs in with",
  request: { params: byPortal },
  responses: { 204: { description: "Forgotten" }, ...problems(404) },
});

export const portalRoutes = createRouter()
  .openapi(create, async (c) => c.json(await createPortal(c.get("ctx"), c.req.valid("json")), 201))
  .openapi(list, async (c) => c.json(await listPortals(c.get("ctx"), c.req.valid("query")), 200))
  .openapi(get, async (c) => c.json(await getPortal(c.get("ctx"), c.req.valid("param").id), 200))
  .openapi(update, async (c) =>
    c.json(await updatePortal(c.get("ctx"), c.req.valid("param").id, c.req.valid("json")), 200),
  )
  .openapi(remove, async (c) => {
    await deletePortal(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(putCredentialsRoute, async (c) =>
    c.json(await putCredentials(c.get("ctx"), c.req.valid("param").id, c.req.valid("json")), 200),
  )
  .openapi(deleteCredentialsRoute, async (c) => {
    await deleteCredentials(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  });
