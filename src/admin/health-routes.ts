import { createRoute, z } from "@hono/zod-openapi";
import { version } from "../../package.json";
import { openControl, openShards } from "../db/client.ts";
import { checkHealth } from "./check-health.ts";
import { HEALTH_CACHE_MS } from "./constants.ts";
import { jsonResponse } from "./openapi.ts";
import { createRouter } from "./router.ts";
import { DeepHealth, Health } from "./schemas.ts";

const Answer = z.union([Health, DeepHealth.extend({ version: z.string() })]);

const health = createRoute({
  tags: ["Health"],
  security: [],
  method: "get",
  path: "/health",
  summary: "Whether this Worker answers; with `deep=1` whether all its parts do",
  request: { query: z.object({ deep: z.literal("1").optional() }) },
  responses: {
    200: jsonResponse(Answer, "All is well"),
    503: jsonResponse(Answer, "A part failed; `parts` names it"),
  },
});

export function createHealthRoutes() {
  let latest: { report: DeepHealth; until: number } | undefined;
  return createRouter().openapi(health, async (c) => {
    if (c.req.valid("query").deep !== "1")
      return c.json({ status: "ok" as const, version, timestamp: Date.now() }, 200);
    // A finished report is shared, never one under way: a request cannot wait for another one's I/O.
    if (!latest || latest.until < Date.now()) {
      const report = await checkHealth({
        db: openControl(c.env.DB),
        shards: openShards(c.env),
        objects: c.env.CHANNEL.getByName("health"),
        browser: c.env.SESSION_PAIR.getByName("health"),
      });
      latest = { report, until: Date.now() + HEALTH_CACHE_MS };
    }
    const { report } = latest;
    return c.json({ ...report, version }, report.status === "ok" ? 200 : 503);
  });
}
