import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import {
  type AdminEnv,
  byPortal,
  createRouter,
  jsonBody,
  jsonResponse,
  portalReading,
  portalWriting,
  problems,
} from "../admin/index.ts";
import { PageQuery } from "../pagination.ts";
import { callPair, getDefaultPortal, getPortalInOrganization } from "../portals/index.ts";
import { listAudit } from "./list-audit.ts";
import { readEvidence, readScreenshot, resumePair, toShownEvidence } from "./pair-calls.ts";
import { addPairCalls } from "./pair-routes.ts";
import {
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
const ofEvidence = byPortal.extend({ evidenceId: z.string() });

const resume = createRoute({
  ...portalWriting,
  method: "post",
  path: `${PAIR}/resume`,
  summary: "A person has looked: logins may be made again",
  request: { params: byPortal },
  responses: { 200: jsonResponse(PairState, "The pair"), ...problems(404, 503) },
});

const metrics = createRoute({
  ...portalReading,
  method: "get",
  path: `${PAIR}/metrics`,
  summary: "Count a portal's logins, codes, failovers and requests",
  request: { params: byPortal },
  responses: { 200: jsonResponse(Metrics, "Since the portal was made"), ...problems(404, 503) },
});

const audit = createRoute({
  ...portalReading,
  method: "get",
  path: `${PAIR}/audit`,
  summary: "What a portal's sessions have done",
  description: "Kept for 90 days. Codes stand there as SHA-256 only.",
  request: { params: byPortal, query: PageQuery },
  responses: { 200: jsonResponse(Audit, "Newest first"), ...problems(404, 503) },
});

const evidence = createRoute({
  ...portalReading,
  method: "get",
  path: `${PAIR}/evidence/{evidenceId}`,
  summary: "What was kept of a login that failed",
  request: { params: ofEvidence },
  responses: { 200: jsonResponse(ShownEvidence, "The evidence"), ...problems(404, 503) },
});

const screenshot = createRoute({
  ...portalReading,
  method: "get",
  path: `${PAIR}/evidence/{evidenceId}/screenshot`,
  summary: "The page where a login failed, every input masked",
  request: { params: ofEvidence },
  responses: {
    200: {
      description: "A picture",
      content: { "image/jpeg": { schema: z.string().meta({ format: "binary" }) } },
    },
    ...problems(404, 503),
  },
});

const request = createRoute({
  ...portalWriting,
  method: "post",
  path: "/portals/{id}/request",
  summary: "Send a request to the site as the logged-in account",
  description:
    "Goes to the primary session. When that has expired, the backup takes over: a safe or keyed request is then tried once more, any other one never. 503 has `reason`, and `sent`: whether the site may have done it.",
  request: { params: byPortal, body: jsonBody(PortalRequest) },
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
  request: { params: byPortal },
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
