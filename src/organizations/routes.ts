import { createRoute } from "@hono/zod-openapi";
import { createRouter, jsonBody, jsonResponse, problems, requires } from "../admin/index.ts";
import { getOrganization } from "./get-organization.ts";
import { Organization, UpdateOrganization } from "./schemas.ts";
import { updateOrganization } from "./update-organization.ts";

const base = { tags: ["Organization"], security: [{ apiKey: [] }], path: "/organization" };

const get = createRoute({
  ...base,
  method: "get",
  summary: "Get the organization of the API key",
  middleware: [requires("read")] as const,
  responses: { 200: jsonResponse(Organization, "The organization"), ...problems() },
});

const update = createRoute({
  ...base,
  method: "patch",
  summary: "Change its name, or the origins whose pages may use channels",
  middleware: [requires("admin")] as const,
  request: { body: jsonBody(UpdateOrganization) },
  responses: { 200: jsonResponse(Organization, "The organization"), ...problems(413, 415, 422) },
});

export const organizationRoutes = createRouter()
  .openapi(get, async (c) => c.json(await getOrganization(c.get("ctx")), 200))
  .openapi(update, async (c) =>
    c.json(await updateOrganization(c.get("ctx"), c.req.valid("json")), 200),
  );
