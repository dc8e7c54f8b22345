import type { MiddlewareHandler } from "hono";
import { refused } from "../errors.ts";
import type { AdminEnv } from "./router.ts";

/** Middleware: 422 for query parameters that a later version brings. No document has them, and none is ignored. */
export function notYet(...names: string[]): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    for (const name of names) {
      if (c.req.query(name) !== undefined) {
        throw refused(name, "is not available in this version; leave it out");
      }
    }
    await next();
  };
}
