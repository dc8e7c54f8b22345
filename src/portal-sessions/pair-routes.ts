import { createRoute, type z } from "@hono/zod-openapi";
import type { Context } from "hono";
import {
  type AdminEnv,
  type byPortal,
  type createRouter,
  jsonResponse,
  portalReading,
  portalWriting,
  problems,
} from "../admin/index.ts";
import type { PortalRow } from "../portals/index.ts";
import type { PairStatus } from "../session-pairs/index.ts";
import { failOver, readActive, readStatus, startPair, stopPair } from "./pair-calls.ts";
import { ActiveSession } from "./schemas.ts";

/** The calls that both surfaces have: on a portal by its id, and on the organization's default one. */
export function addPairCalls<S extends z.ZodType>(
  router: ReturnType<typeof createRouter>,
  surface: {
    path: string;
    request?: { params: typeof byPortal };
    portalOf: (c: Context<AdminEnv>) => Promise<PortalRow>;
    schema: S;
    show: (status: PairStatus) => z.infer<S>;
  },
): void {
  const { path, portalOf, schema, show } = surface;
  const request = surface.request && { request: surface.request };
  const status = createRoute({
    ...portalReading,
    ...request,
    method: "get",
    path: `${path}/status`,
    summary: "How a portal's two sessions are",
    responses: { 200: jsonResponse(schema, "The pair"), ...problems(404, 503) },
  });
  const active = createRoute({
    ...portalReading,
    ...request,
    method: "get",
    path: `${path}/active`,
    summary: "Which session requests go to",
    responses: { 200: jsonResponse(ActiveSession, "The session"), ...problems(404, 503) },
  });
  const start = createRoute({
    ...portalWriting,
    ...request,
    method: "post",
    path: `${path}/start`,
    summary: "Keep a portal logged in from now on; the same when it is",
    responses: { 202: jsonResponse(schema, "It logs in"), ...problems(404, 503) },
  });
  const failover = createRoute({
    ...portalWriting,
    ...request,
    method: "post",
    path: `${path}/failover`,
    summary: "Make the backup the primary",
    responses: { 200: jsonResponse(schema, "The pair"), ...problems(404, 409, 503) },
  });
  const stop = createRoute({
    ...portalWriting,
    ...request,
    method: "post",
    path: `${path}/stop`,
    summary: "Log both sessions out, and make no others",
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
