import { createRoute, z } from "@hono/zod-openapi";
import { createRouter, jsonResponse, operatorOnly, problems, requires } from "../admin/index.ts";
import { JOB_NAMES } from "./schemas.ts";

const JobName = z.enum(JOB_NAMES, { error: `there is no such job; jobs: ${JOB_NAMES.join(", ")}` });

const JobRun = z
  .object({ job: JobName, report: z.record(z.string(), z.number()) })
  .meta({ id: "JobRun", description: "What the job did: counts by name" });

const run = createRoute({
  tags: ["Jobs"],
  security: [{ apiKey: [] }],
  method: "post",
  path: "/jobs/{name}/run",
  summary: "Run a job now; answers when it is done",
  description:
    "Scope `admin`, and only for the operator's organization: a job acts on the whole deployment.",
  middleware: [requires("admin"), operatorOnly] as const,
  request: { params: z.object({ name: JobName }) },
  responses: { 200: jsonResponse(JobRun, "What it did"), ...problems(404) },
});

export const jobRoutes = createRouter().openapi(run, async (c) => {
  const { name } = c.req.valid("param");
  return c.json({ job: name, report: await c.env.JOBS.run(name) }, 200);
});
