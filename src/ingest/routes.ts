import { Hono } from "hono";

/** Every request that reaches the edge Worker. */
export function createIngest() {
  const app = new Hono<{ Bindings: EdgeEnv }>();
  app.all("*", (c) => c.env.APP.fetch(c.req.raw));
  return app;
}
