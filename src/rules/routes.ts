import { createRoute, z } from "@hono/zod-openapi";
import {
  createRouter,
  idempotent,
  jsonBody,
  jsonResponse,
  problems,
  requires,
} from "../admin/index.ts";
import { isId } from "../ids.ts";
import { PageQuery, pageOf } from "../pagination.ts";
import { createRule } from "./create-rule.ts";
import { deleteRule } from "./delete-rule.ts";
import { getRule } from "./get-rule.ts";
import { listRules } from "./list-rules.ts";
import { CreateRule, Rule, RuleTestResult, TestRule, UpdateRule } from "./schemas.ts";
import { testRule } from "./test-rule.ts";
import { updateRule } from "./update-rule.ts";

const base = { tags: ["Rules"], security: [{ apiKey: [] }] };
const params = z.object({ id: z.string() });

const test = createRoute({
  ...base,
  method: "post",
  path: "/rules/test",
  summary: "Try a match on an event: why it matches or not, and what would be sent",
  middleware: [requires("read")] as const,
  request: { body: jsonBody(TestRule) },
  responses: { 200: jsonResponse(RuleTestResult, "The result"), ...problems(404, 413, 415, 422) },
});

const create = createRoute({
  ...base,
  method: "post",
  path: "/rules",
  summary: "Create a rule",
  middleware: [requires("write"), idempotent] as const,
  request: { body: jsonBody(CreateRule) },
  responses: { 201: jsonResponse(Rule, "The rule"), ...problems(413, 415, 422) },
});

const list = createRoute({
  ...base,
  method: "get",
  path: "/rules",
  summary: "List rules",
  middleware: [requires("read")] as const,
  request: {
    query: PageQuery.extend({
      sourceId: z
        .string()
        .refine((id) => isId("source", id), "is no source id, e.g. src_01k…")
        .optional(),
    }),
  },
  responses: { 200: jsonResponse(pageOf(Rule), "Newest first"), ...problems() },
});

const get = createRoute({
  ...base,
  method: "get",
  path: "/rules/{id}",
  summary: "Read a rule",
  middleware: [requires("read")] as const,
  request: { params },
  responses: { 200: jsonResponse(Rule, "The rule"), ...problems(404) },
});

const update = createRoute({
  ...base,
  method: "patch",
  path: "/rules/{id}",
  summary: "Change a rule",
  middleware: [requires("write")] as const,
  request: { params, body: jsonBody(UpdateRule) },
  responses: { 200: jsonResponse(Rule, "The rule"), ...problems(404, 413, 415, 422) },
});

const remove = createRoute({
  ...base,
  method: "delete",
  path: "/rules/{id}",
  summary: "Delete a rule",
  middleware: [requires("write")] as const,
  request: { params },
  responses: { 204: { description: "Deleted" }, ...problems(404) },
});

export const ruleRoutes = createRouter()
  // Before `/rules/{id}`, so that `test` is never taken for an id.
  .openapi(test, async (c) => c.json(await testRule(c.get("ctx"), c.req.valid("json")), 200))
  .openapi(create, async (c) => c.json(await createRule(c.get("ctx"), c.req.valid("json")), 201))
  .openapi(list, async (c) => c.json(await listRules(c.get("ctx"), c.req.valid("query")), 200))
  .openapi(get, async (c) => c.json(await getRule(c.get("ctx"), c.req.valid("param").id), 200))
  .openapi(update, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await updateRule(c.get("ctx"), id, c.req.valid("json")), 200);
  })
  .openapi(remove, async (c) => {
    await deleteRule(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  });
