import { createRoute, z } from "@hono/zod-openapi";
import {
  createRouter,
  jsonBody,
  jsonResponse,
  portalReading,
  portalWriting,
  problems,
} from "../admin/index.ts";
import { deleteDefinition } from "./delete-definition.ts";
import { getDefinition } from "./get-definition.ts";
import { listDefinitions } from "./list-definitions.ts";
import { putDefinition } from "./put-definition.ts";
import {
  DefinitionName,
  PortalDefinition,
  StoredDefinition,
  StoredDefinitions,
} from "./schemas.ts";

const named = z.object({ name: DefinitionName });

const listDefinitionsRoute = createRoute({
  ...portalReading,
  method: "get",
  path: "/portal-definitions",
  summary: "List portal definitions: the organization's own, then the shipped ones",
  responses: { 200: jsonResponse(StoredDefinitions, "All of them, by name"), ...problems() },
});

const getDefinitionRoute = createRoute({
  ...portalReading,
  method: "get",
  path: "/portal-definitions/{name}",
  summary: "Get a portal definition",
  request: { params: named },
  responses: { 200: jsonResponse(StoredDefinition, "The definition"), ...problems(404) },
});

const putDefinitionRoute = createRoute({
  ...portalWriting,
  method: "put",
  path: "/portal-definitions/{name}",
  summary: "Make or replace a portal definition",
  description:
    "Portals that use it go on with it at once. A shipped definition cannot be replaced.",
  request: { params: named, body: jsonBody(PortalDefinition) },
  responses: {
    200: jsonResponse(StoredDefinition, "The definition"),
    ...problems(404, 409, 413, 415, 422),
  },
});

const deleteDefinitionRoute = createRoute({
  ...portalWriting,
  method: "delete",
  path: "/portal-definitions/{name}",
  summary: "Delete a portal definition that no portal uses",
  request: { params: named },
  responses: { 204: { description: "Deleted" }, ...problems(404, 409) },
});

export const definitionRoutes = createRouter()
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
  });
