import { OpenAPIHono } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import { apiKeyRoutes } from "../api-keys/routes.ts";
import { BatonError } from "../errors.ts";
import { problemResponse } from "../http-error.ts";
import { authenticate } from "./auth.ts";
import { readJsonBody } from "./body.ts";
import { type AdminEnv, createRouter } from "./router.ts";

/** The app host: every feature's routes, mounted once. */
export function createAdmin() {
  const app = new OpenAPIHono<AdminEnv>();
  app.onError((error) => problemResponse(asBatonError(error)));
  app.notFound((c) => problemResponse(new BatonError("not_found", `There is no ${c.req.method} ${c.req.path}. See /api/docs.`)));

  app.use("/api/v1/*", authenticate, readJsonBody);
  app.route("/api/v1", apiRoutes());
  return app;
}

function apiRoutes() {
  return createRouter().route("/", apiKeyRoutes);
}

/** The routes' types, for clients: `hc<AdminApi>(url)`. */
export type AdminApi = ReturnType<typeof apiRoutes>;

function asBatonError(error: Error): Error {
  if (!(error instanceof HTTPException)) return error;
  return new BatonError("malformed", error.message || "The request could not be read.");
}
