import { Hono } from "hono";
import { BatonError } from "../errors.ts";
import { problemResponse } from "../http-error.ts";
import { newCall } from "./call.ts";
import { readHops } from "./capture.ts";
import { INGEST_HEALTH_PATH, MAX_HOPS, MAX_URL_BYTES } from "./constants.ts";
import type { IngestSource } from "./find-source.ts";
import { handleCallback } from "./handle-callback.ts";
import { handlePhone } from "./handle-phone.ts";
import { handleStray } from "./handle-stray.ts";
import { lookUpSource } from "./look-up-source.ts";
import { readTarget, type Target } from "./target.ts";

type EdgeContext = { Bindings: EdgeEnv };

/** Every request that reaches the edge Worker: a callback for a source, a stray, or one for the app. */
export function createIngest() {
  const app = new Hono<EdgeContext>();
  app.onError((error) => problemResponse(error));
  app.all("*", async (c) => {
    const url = new URL(c.req.url);
    const target = readTarget(url, { baseDomain: c.env.BASE_DOMAIN, appUrl: c.env.APP_URL });
    const found = await resolveTarget(c.env, target);
    if (found.kind === "app") return c.env.APP.fetch(c.req.raw);
    if (url.pathname === INGEST_HEALTH_PATH) return c.json({ status: "ok" });
    assertAcceptable(c.req.raw, url);
    const call = newCall(c.req.raw, found.path, (promise) => c.executionCtx.waitUntil(promise));
    if (found.kind === "phone") return handlePhone(c.env, call, found.key);
    if (!found.source?.enabled) return handleStray(c.env, call, found.name, found.source);
    return handleCallback(c.env, call, found.source);
  });
  return app;
}

type Found =
  | Extract<Target, { kind: "app" | "phone" }>
  | {
      kind: "callback";
      name: { kind: "slug" | "hostname"; name: string };
      path: string;
      source: IngestSource | null;
    };

/** Looks the target up; throws 503 when the database cannot be asked. */
async function resolveTarget(env: EdgeEnv, target: Target): Promise<Found> {
  if (target.kind === "app" || target.kind === "phone") return target;
  const name =
    target.kind === "slug"
      ? ({ kind: "slug", name: target.slug } as const)
      : ({ kind: "hostname", name: target.hostname } as const);
  const source = await lookUpSource(env, name);
  if (!source && target.kind === "hostname" && target.otherwise) {
    return resolveTarget(env, target.otherwise);
  }
  return { kind: "callback", name, path: target.path, source };
}

function assertAcceptable(request: Request, url: URL): void {
  if (url.pathname.length + url.search.length > MAX_URL_BYTES) {
    throw new BatonError(
      "uri_too_long",
      `Path and query are longer than ${MAX_URL_BYTES} bytes. Send the rest in the body.`,
    );
  }
  if (readHops(request.headers.get("x-baton-hops")) >= MAX_HOPS) {
    throw new BatonError(
      "loop_detected",
      `The request has passed ${MAX_HOPS} Baton hosts: a destination leads back here. Change that destination's URL.`,
    );
  }
}
