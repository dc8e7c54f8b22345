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

const PHONE_PROBLEMS = {
  400: "The request says nothing; the answer shows what to send",
  401: "No sender key, and no source for phones without one; or a key that nobody has",
  404: "The source of the key is disabled",
  413: "The body is over 64 KiB",
  503: PROBLEMS[503],
};

/** Describes the app host's ingest paths, which the edge Worker serves: any method, any path behind the slug; and phones. */
export function describeIngest(app: OpenAPIHono<AdminEnv>): void {
  describeAnyCall(app);
  describePhones(app);
}

function describeAnyCall(app: OpenAPIHono<AdminEnv>): void {
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
        ...problemsOf(PROBLEMS),
      },
    });
  }
}

const KEY = "A sender's key, which names source and phone; also in the header `x-baton-sender`";
const PHONE_ANSWER = z.object({
  ok: z.literal(true),
  id: z.string(),
  duplicate: z
    .boolean()
    .optional()
    .meta({ description: "It came before; `id` is the first one's, and nothing more was stored" }),
});

function describePhones(app: OpenAPIHono<AdminEnv>): void {
  for (const path of ["/webhook/sms", "/webhook/sms/{key}"]) {
    const inQuery = z.object({
      message: z.string().optional().meta({ description: "The text, where there is no body" }),
      ...(path.endsWith("}") ? {} : { key: z.string().optional().meta({ description: KEY }) }),
    });
    for (const method of ["get", "post"] as const) {
      app.openAPIRegistry.registerPath({
        tags: ["Ingest"],
        security: [],
        method,
        path,
        summary: "Send a message that a phone has got: JSON, a form, plain text, or a query",
        request: {
          query: inQuery,
          ...(path.endsWith("}") && { params: z.object({ key: z.string() }) }),
        },
        responses: {
          200: {
            description: "Stored; or the source's own `response`, with `x-baton-event-id`",
            content: { "application/json": { schema: PHONE_ANSWER } },
          },
          ...problemsOf(PHONE_PROBLEMS),
        },
      });
    }
  }
}

function problemsOf(problems: Record<number, string>) {
  return Object.fromEntries(
    Object.entries(problems).map(([status, text]) => [status, problemBody(text)]),
  );
}
