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
import { createPortal } from "./create-portal.ts";
import { deleteDefinition } from "./delete-definition.ts";
import { deletePortal } from "./delete-portal.ts";
import { getDefinition } from "./get-definition.ts";
import { getPortal } from "./get-portal.ts";
import { listDefinitions } from "./list-definitions.ts";
import { listPortals } from "./list-portals.ts";
import { deleteCredentials, putCredentials } from "./put-credentials.ts";
import { putDefinition } from "./put-definition.ts";
import {
  CreatePortal,
  Credentials,
  DefinitionName,
  MaskedCredentials,
  PatchPortal,
  Portal,
  PortalDefinition,
  StoredDefinition,
  StoredDefinitions,
} from "./schemas.ts";
import { updatePortal } from "./update-portal.ts";

const base = { tags: ["Portals"], security: [{ apiKey: [] }] };
const params = z.object({ id: z.string() });
const named = z.object({ name: DefinitionName });

const listDefinitionsRoute = createRoute({
  ...base,
  method: "get",
  path: "/portal-definitions",
  summary: "List portal definitions: the organization's own, then the shipped ones",
  middleware: [requires("read")] as const,
  responses: { 200: jsonResponse(StoredDefinitions, "All of them, by name"), ...problems() },
});

const getDefinitionRoute = createRoute({
  ...base,
  method: "get",
  path: "/portal-definitions/{name}",
  summary: "Get a portal definition",
  middleware: [requires("read")] as const,
  request: { params: named },
  responses: { 200: jsonResponse(StoredDefinition, "The definition"), ...problems(404) },
});

const putDefinitionRoute = createRoute({
  ...base,
  method: "put",
  path: "/portal-definitions/{name}",
  summary: "Make or replace a portal definition",
  description:
    "Portals that use it go on with it at once. A shipped definition cannot be replaced.",
  middleware: [requires("write")] as const,
  request: { params: named, body: jsonBody(PortalDefinition) },
  responses: {
    200: jsonResponse(StoredDefinition, "The definition"),
    ...problems(404, 409, 413, 415, 422),
  },
});

const deleteDefinitionRoute = createRoute({
  ...base,
  method: "delete",
  path: "/portal-definitions/{name}",
  summary: "Delete a portal definition that no portal uses",
  middleware: [requires("write")] as const,
  request: { params: named },
  responses: { 204: { description: "Deleted" }, ...problems(404, 409) },
});

const create = createRoute({
  ...base,
  method: "post",
  path: "/portals",
  summary: "Create a portal: a web site with one account of it",
  description: "An enabled portal's sessions start at once; `PUT …/credentials` sets the account.",
  middleware: [requires("write"), idempotent] as const,
  request: { body: jsonBody(CreatePortal) },
  responses: { 201: jsonResponse(Portal, "The portal"), ...problems(409, 413, 415, 422) },
});

const list = createRoute({
  ...base,
  method: "get",
  path: "/portals",
  summary: "List portals",
  middleware: [requires("read")] as const,
  request: { query: PageQuery },
  responses: { 200: jsonResponse(pageOf(Portal), "Newest first"), ...problems() },
});

const get = createRoute({
  ...base,
  method: "get",
  path: "/portals/{id}",
  summary: "Get a portal",
  middleware: [requires("read")] as const,
  request: { params },
  responses: { 200: jsonResponse(Portal, "The portal"), ...problems(404) },
});

const update = createRoute({
  ...base,
  method: "patch",
  path: "/portals/{id}",
  summary: "Change a portal; disabling it logs its sessions out",
  middleware: [requires("write")] as const,
  request: { params, body: jsonBody(PatchPortal) },
  responses: { 200: jsonResponse(Portal, "The changed portal"), ...problems(404, 413, 415, 422) },
});

const remove = createRoute({
  ...base,
  method: "delete",
  path: "/portals/{id}",
  summary: "Delete a portal; its sessions are logged out and forgotten first",
  middleware: [requires("write")] as const,
  request: { params },
  responses: { 204: { description: "Deleted" }, ...problems(404, 503) },
});

const putCredentialsRoute = createRoute({
  ...base,
  method: "put",
  path: "/portals/{id}/credentials",
  summary: "Set the account that a portal logs in with",
  description: "They are kept encrypted, answered masked, and never returned.",
  middleware: [requires("write")] as const,
  request: { params, body: jsonBody(Credentials) },
  responses: {
    200: jsonResponse(MaskedCredentials, "The account, masked"),
    ...problems(404, 413, 415, 422),
  },
});

const deleteCredentialsRoute = createRoute({
  ...base,
  method: "delete",
  path: "/portals/{id}/credentials",
  summary: "Forget the account that a portal logs in with",
  middleware: [requires("write")] as const,
  request: { params },
  responses: { 204: { description: "Forgotten" }, ...problems(404) },
});

export const portalRoutes = createRouter()
  .openapi(listDefinitionsRoute, async (c) => c.json(await listDefinitions(c.get("ctx")), 200))
  .openapi(getDefinitionRoute, async (c) =>
    c.json(await getDefinition(c.get("ctx"), c.req.valid("param").name), 200),
  )
  .openapi(putDefinitionRoute, async (c) =>
    c.json(await putDefinition(c.get("ctx"), c.req.valid("param").name, c.req.valid("json")), 200),
  )
  .openapi(deleteDefinitionRoute, async (c) => {
    await deleteDefinition(c.get("ctx"), c.req.valid("param").name);
    return c.body(null, 204);
  })
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
