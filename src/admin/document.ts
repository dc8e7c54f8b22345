import type { OpenAPIHono } from "@hono/zod-openapi";
import { version } from "../../package.json";
import { IDEMPOTENCY_WINDOW_MS, MAX_IDEMPOTENCY_KEY_CHARS } from "../idempotency.ts";
import type { AdminEnv } from "./router.ts";

const DESCRIPTION = `Every callback is handed on, none is dropped.

Send an API key as \`Authorization: Bearer bt_…\`. Scope \`read\` is enough for GET, \`write\` for everything else,
unless a call says \`admin\`; \`admin\` includes \`write\`, and \`write\` includes \`read\`.
Times are RFC 3339 with \`Z\`. Errors are problem details (RFC 9457). What is not described here is refused.`;

export type Document = ReturnType<OpenAPIHono<AdminEnv>["getOpenAPI31Document"]>;
export const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** The OpenAPI 3.1 document of all routes, made from the schemas that validate. It knows no server yet. */
export function buildDocument(app: OpenAPIHono<AdminEnv>): Document {
  app.openAPIRegistry.registerComponent("securitySchemes", "apiKey", {
    type: "http",
    scheme: "bearer",
    description: "An API key, `bt_…`",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "channelToken", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A channel token; or as `?token=`",
  });
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Baton", version, description: DESCRIPTION },
  });
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      operation.operationId = operationId(method, path);
      operation.security ??= [];
      // Whatever creates (201) is behind the `idempotent` or `keyed` middleware; a test holds them to it.
      if (operation.responses?.["201"]) (operation.parameters ??= []).push(IDEMPOTENCY_KEY);
    }
  }
  return document;
}

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header" as const,
  required: false,
  description: `The same key and body within ${IDEMPOTENCY_WINDOW_MS / 3_600_000} h get the first answer again`,
  schema: { type: "string" as const, minLength: 1, maxLength: MAX_IDEMPOTENCY_KEY_CHARS },
};

/** `post /api/v1/events/{id}/replay` → `postEventsIdReplay`. */
function operationId(method: string, path: string): string {
  const words = path.replace(/^\/api\/(v1\/)?/, "/").match(/[A-Za-z0-9]+/g) ?? ["root"];
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** The operation of a concrete call; a HEAD is its GET. */
export function operationOf(document: Document, method: string, path: string) {
  const wanted = method === "HEAD" ? "get" : METHODS.find((one) => one === method.toLowerCase());
  const found = Object.entries(document.paths ?? {}).find(
    ([template, item]) => wanted && item[wanted] && matchesTemplate(template, path),
  );
  return wanted && found?.[1][wanted];
}

/** The methods that exist for a concrete path, in upper case. */
export function methodsOf(document: Document, path: string): string[] {
  for (const [template, item] of Object.entries(document.paths ?? {})) {
    if (!matchesTemplate(template, path)) continue;
    return METHODS.filter((method) => item[method]).map((method) => method.toUpperCase());
  }
  return [];
}

function matchesTemplate(template: string, path: string): boolean {
  const wanted = template.split("/");
  const given = path.split("/");
  return (
    wanted.length === given.length &&
    wanted.every((part, i) => part === given[i] || (part.startsWith("{") && given[i] !== ""))
  );
}
