import { createRoute } from "@hono/zod-openapi";
import { createRouter, jsonBody, jsonResponse, problems, requires } from "../admin/index.ts";
import { PageQuery } from "../pagination.ts";
import { listAlerts } from "./list-alerts.ts";
import { Alerts, SetAlerts } from "./schemas.ts";
import { setAlerts } from "./set-alerts.ts";

const base = { tags: ["Alerts"], security: [{ apiKey: [] }], path: "/alerts" };

const list = createRoute({
  ...base,
  method: "get",
  summary: "Where alerts go, and the alerts so far",
  description:
    "Scope `admin`. One alert for each change: a destination only fails, was disabled by Baton, or works again; a portal needs somebody to look at it, or is logged in again; the operator is also told of the deployment's own checks.",
  middleware: [requires("admin")] as const,
  request: { query: PageQuery },
  responses: { 200: jsonResponse(Alerts, "Newest first"), ...problems() },
});

const set = createRoute({
  ...base,
  method: "put",
  summary: "Choose the destination that alerts are sent to",
  description:
    "Scope `admin`. `http` gets JSON (`type` is `baton.alert`), messaging kinds a text. Deleting the destination ends it.",
  middleware: [requires("admin")] as const,
  request: { body: jsonBody(SetAlerts) },
  responses: { 200: jsonResponse(SetAlerts, "The choice"), ...problems(413, 415, 422) },
});

export const alertRoutes = createRouter()
  .openapi(list, async (c) => c.json(await listAlerts(c.get("ctx"), c.req.valid("query")), 200))
  .openapi(set, async (c) => c.json(await setAlerts(c.get("ctx"), c.req.valid("json")), 200));
