import { z } from "zod";
import { LastHealthJob } from "../health/schemas.ts";

/** `GET /health`. */
export const Health = z
  .object({ status: z.enum(["ok", "degraded"]), version: z.string(), timestamp: z.number().int() })
  .meta({ id: "Health" });
export type Health = z.infer<typeof Health>;

/** What `?deep=1` adds. */
export const DeepHealth = z.object({
  status: z.enum(["ok", "degraded"]),
  parts: z.record(z.string(), z.enum(["ok", "failed"])).meta({
    description: "`control`, `events_0` …, `objects`, `browser`",
  }),
  oldestUnroutedEventAgeMs: z.number().int().nullable().meta({
    description: "How long the oldest event waits for its rules; null when none does",
  }),
  overdueDeliveries: z.number().int().meta({
    description: "Deliveries more than 60 s past their time; counted up to 10,000 a shard",
  }),
  lastHealthJob: LastHealthJob,
});
export type DeepHealth = z.infer<typeof DeepHealth>;
