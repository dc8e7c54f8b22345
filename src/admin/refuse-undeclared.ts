import type { MiddlewareHandler } from "hono";
import { BatonError } from "../errors.ts";
import { type Document, operationOf } from "./document.ts";
import type { AdminEnv } from "./router.ts";

/**
 * Middleware: refuses query parameters on a call that has none, and a body on a call that takes none. Nothing is
 * accepted and ignored. Calls with a query or a body of their own refuse unknown fields by their schemas.
 */
export function refuseUndeclared(describe: () => Document): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    const operation = operationOf(describe(), c.req.method, c.req.path);
    if (!operation) return next();
    const names = Object.keys(c.req.query());
    const takesQuery = operation.parameters?.some((one) => "in" in one && one.in === "query");
    if (names.length > 0 && !takesQuery) {
      const errors = names.map((path) => ({ path, message: "is no parameter here; remove it" }));
      throw new BatonError("malformed", "This call has no query parameters.", { errors });
    }
    const takesBody = operation.requestBody !== undefined;
    const mayHaveBody = c.req.method !== "GET" && c.req.method !== "HEAD";
    if (mayHaveBody && !takesBody && (await c.req.text()) !== "") {
      throw new BatonError("malformed", "This call takes no body; leave it out.");
    }
    // Without a type nothing would be read, and nothing checked.
    if (isRequired(operation.requestBody) && !c.req.header("content-type")) {
      throw new BatonError(
        "unsupported_media_type",
        "Send the body as `content-type: application/json`.",
      );
    }
    await next();
  };
}

function isRequired(body: object | undefined): boolean {
  return body !== undefined && "required" in body && body.required === true;
}
