import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { problemBody } from "./openapi.ts";
import type { AdminEnv } from "./router.ts";

const PROBLEMS = {
  401: "Not verified, or its sender is blocked or unknown; kept as a stray unless it is blocked",
  404: "No enabled source has this slug; the request was kept as a stray",
  413: "The body is over 25 MiB",
  414: "Path and query are over 16 KiB",
  503: "It could not be stored; send it again after `Retry-After` seconds",
  508: "The request has passed 5 Baton hosts: a destination leads back here",
};

/** Describes the app host's ingest path, which the edge Worker serves: any method, any path behind the slug. */
export function describeIngest(app: OpenAPIHono<AdminEnv>): void {
  for (const method of ["get", "post"] as const) {
    app.openAPIRegistry.registerPath({
      tags: ["Ingest"],
      security: [],
      method,
      path: "/in/{slug}/{path}",
      summary: "Send a request to a source, with any method and any path",
      request: { params: z.object({ slug: z.string(), path: z.string() }) },
      responses: {
        202: {
          description: "Stored; or the source's own `response`, with `x-baton-event-id`",
          content: { "application/json": { schema: z.object({ id: z.string() }) } },
        },
        ...Object.fromEntries(
          Object.entries(PROBLEMS).map(([status, text]) => [status, problemBody(text)]),
        ),
      },
    });
  }
}
