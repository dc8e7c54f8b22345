import type { MiddlewareHandler } from "hono";
import type { AdminEnv } from "./router.ts";

/** Every answer keeps its own type, and is kept by no cache unless it says so itself. */
export const answerHeaders: MiddlewareHandler<AdminEnv> = async (c, next) => {
  await next();
  c.header("x-content-type-options", "nosniff");
  if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
};
