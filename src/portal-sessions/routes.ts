import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import {
  type AdminEnv,
  createRouter,
  jsonBody,
  jsonResponse,
  problems,
  requires,
} from "../admin/index.ts";
import { PageQuery } from "../pagination.ts";
import {
  callPair,
  getDefaultPortal,
  getPortalInOrganization,
  type PortalRow,
} from "../portals/index.ts";
import type { PairStatus } from "../session-pairs/index.ts";
import { listAudit } from "./list-audit.ts";
import {
  failOver,
  readActive,
  readEvidence,
  readScreenshot,
  readStatus,
  resumePair,
  startPair,
  stopPair,
  toShownEvidence,
} from "./pair-calls.ts";
import {
  ActiveSession,
  Audit,
  DualSession,
  Metrics,
  PairState,
  PortalAnswer,
  PortalRequest,
  ShownEvidence,
} from "./schemas.ts";
import { sendRequest } from "./send-request.ts";
import { toDualSession, toState } from "./to-state.ts";

const PAIR = "/portals/{id}/session-pair";
const base = { tags: ["Portals"], security: [{ apiKey: [] }] };
const params = z.object({ id: z.string() });
const ofPortal = { ...base, request: { params } };
const ofEvidence = { ...base, request: { params: params.extend({ evidenceId: z.string() }) } };

/** The calls that both surfaces have: on a portal by its id, and on the organization's default one. */
function addPairCalls<S extends z.ZodType>(
  router: ReturnType<typeof createRouter>,
  surface: {
    path: string;
    request?: { params: typeof params };
    portalOf: (c: Context<AdminEnv>) => Promise<PortalRow>;
    schema: S;
    show: (status: PairStatus) => z.infer<S>;
  },
): void {
  const { path, portalOf, schema, show } = surface;
  const common = { ...base, ...(surface.request && { request: surface.request }) };
  const status = createRoute({
    ...common,
    method: "get",
    path: `${path}/status`,
    summary: "How a portal's two sessions are",
    middleware: [requires("read")] as const,
    responses: { 200: jsonResponse(schema, "The pair"), ...problems(404, 503) },
  });
  const active = createRoute({
    ...common,
    method: "get",
    path: `${path}/active`,
    summary: "Which session requests go to",
    middleware: [requires("read")] as const,
    responses: { 200: jsonResponse(ActiveSession, "The session"), ...problems(404, 503) },
  });
  const start = createRoute({
    ...common,
    method: "post",
    path: `${path}/start`,
    summary: "Keep a portal logged in from now on; the same when it is",
    middleware: [requires("write")] as const,
    responses: { 202: jsonResponse(schema, "It logs in"), ...problems(404, 503) },
  });
  const failover = createRoute({
    ...common,
    method: "post",
    path: `${path}/failover`,
    summary: "Make the backup the primary",
    middleware: [requires("write")] as const,
    responses: { 200: jsonResponse(schema, "The pair"), ...problems(404, 409, 503) },
  });
  const stop = createRoute({
    ...common,
    method: "post",
    path: `${path}/stop`,
    summary: "Log both sessions out, and make no others",
    middleware: [requires("write")] as const,
    responses: { 200: jsonResponse(schema, "The pair"), ...problems(404, 503) },
  });
  router.openapi(status, async (c) =>
    c.json(show(await readStatus(c.get("ctx"), await portalOf(c))), 200),
  );
  router.openapi(active, async (c) =>
    c.json(await readActive(c.get("ctx"), await portalOf(c)), 200),
  );
  router.openapi(start, async (c) =>
    c.json(show(await startPair(c.get("ctx"), await portalOf(c))), 202),
  );
  router.openapi(failover, async (c) =>
    c.json(show(await failOver(c.get("ctx"), await portalOf(c))), 200),
  );
  router.openapi(stop, async (c) =>
    c.json(show(await stopPair(c.get("ctx"), await portalOf(c))), 200),
  );
}

const resume = createRoute({
  ...ofPortal,
  method: "post",
  path: `${PAIR}/resume`,
  summary: "A person has looked: logins may be made again",
  middleware: [requires("write")] as const,
  responses: { 200: jsonResponse(PairState, "The pair"), ...problems(404, 503) },
});

const metrics = createRoute({
  ...ofPortal,
  method: "get",
  path: `${PAIR}/metrics`,
  summary: "Count a portal's logins, codes, failovers and requests",
  middleware: [requires("read")] as const,
  responses: { 200: jsonResponse(Metrics, "Since the portal was made"), ...problems(404, 503) },
});

const audit = createRoute({
  ...base,
  method: "get",
  path: `${PAIR}/audit`,
  summary: "What a portal's sessions have done",
  description: "Kept for 90 days. Codes stand there as SHA-256 only.",
  middleware: [requires("read")] as const,
  request: { params, query: PageQuery },
  responses: { 200: jsonResponse(Audit, "Newest first"), ...problems(404, 503) },
});

const evidence = createRoute({
  ...ofEvidence,
  method: "get",
  path: `${PAIR}/evidence/{evidenceId}`,
  summary: "What was kept of a login that failed",
  middleware: [requires("read")] as const,
  responses: { 200: jsonResponse(ShownEvidence, "The evidence"), ...problems(404, 503) },
});

const screenshot = createRoute({
  ...ofEvidence,
  method: "get",
  path: `${PAIR}/evidence/{evidenceId}/screenshot`,
  summary: "The page where a login failed, every input masked",
  middleware: [requires("read")] as const,
  responses: {
    200: {
      description: "A picture",
      content: { "image/jpeg": { schema: z.string().meta({ format: "binary" }) } },
    },
    ...problems(404, 503),
  },
});

const request = createRoute({
  ...base,
  method: "post",
  path: "/portals/{id}/request",
  summary: "Send a request to the site as the logged-in account",
  description:
    "Goes to the primary session. When that has expired, the backup takes over: a safe or keyed request is then tried once more, any other one never. 503 has `reason`, and `sent`: whether the site may have done it.",
  middleware: [requires("write")] as const,
  request: { params, body: jsonBody(PortalRequest) },
  responses: {
    200: jsonResponse(PortalAnswer, "The site's answer, whatever its status"),
    ...problems(404, 413, 415, 422, 503),
  },
});

const byId = (c: Context<AdminEnv>) =>
  getPortalInOrganization(c.get("ctx"), c.req.param("id") ?? "");

export const portalSessionRoutes = createRouter()
  .openapi(resume, async (c) => c.json(toState(await resumePair(c.get("ctx"), await byId(c))), 200))
  .openapi(metrics, async (c) => {
    const portal = await byId(c);
    return c.json(await callPair(c.get("ctx"), portal.id, (pair) => pair.metrics()), 200);
  })
  .openapi(audit, async (c) =>
    c.json(await listAudit(c.get("ctx"), await byId(c), c.req.valid("query")), 200),
  )
  .openapi(evidence, async (c) => {
    const portal = await byId(c);
    const found = await readEvidence(c.get("ctx"), portal, c.req.valid("param").evidenceId);
    return c.json(toShownEvidence(portal.id, found), 200);
  })
  .openapi(screenshot, async (c) => {
    const portal = await byId(c);
    const { evidenceId } = c.req.valid("param");
    const picture = await readScreenshot(c.get("ctx"), portal, evidenceId);
    return c.body(picture, 200, { "content-type": "image/jpeg" });
  })
  .openapi(request, async (c) =>
    c.json(await sendRequest(c.get("ctx"), await byId(c), c.req.valid("json")), 200),
  );
addPairCalls(portalSessionRoutes, {
  path: PAIR,
  request: { params },
  portalOf: byId,
  schema: PairState,
  show: toState,
});

/** The organization's default portal, at a fixed address. */
export const dualSessionRoutes = createRouter();
addPairCalls(dualSessionRoutes, {
  path: "",
  portalOf: (c) => getDefaultPortal(c.get("ctx")),
  schema: DualSession,
  show: toDualSession,
});
