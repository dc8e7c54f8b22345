import { createRoute } from "@hono/zod-openapi";
import { createRouter, jsonResponse, problems, requires } from "../admin/index.ts";
import { PageQuery, pageOf } from "../pagination.ts";
import { listStrays } from "./list-strays.ts";
import { Stray } from "./schemas.ts";

const list = createRoute({
  tags: ["Strays"],
  security: [{ apiKey: [] }],
  method: "get",
  path: "/strays",
  summary: "List requests that became no event",
  description:
    "Scope `admin`. Those to disabled and deleted sources of the organization, and those that a source refused as unverified or for their sender; the operator also sees those to names that nobody has. Kept 7 days, 1,000 per host and day.",
  middleware: [requires("admin")] as const,
  request: { query: PageQuery },
  responses: { 200: jsonResponse(pageOf(Stray), "Newest first"), ...problems() },
});

export const strayRoutes = createRouter().openapi(list, async (c) =>
  c.json(await listStrays(c.get("ctx"), c.req.valid("query")), 200),
);
