import { z } from "zod";
import { pageOf } from "../pagination.ts";

const DestinationId = z
  .string()
  .nullable()
  .meta({ description: "Where alerts are sent; null: nowhere" });

export const SetAlerts = z.strictObject({ destinationId: DestinationId }).meta({ id: "SetAlerts" });
export type SetAlerts = z.infer<typeof SetAlerts>;

export const Alert = z
  .object({
    id: z.string(),
    kind: z.enum(["failing", "disabled", "recovered"]),
    check: z.string().meta({
      description:
        "`destination:<id>` or `portal:<id>`; for the operator also `events_0`, `queue`, `deliveries`",
    }),
    summary: z.string(),
    link: z.string(),
    status: z.enum(["pending", "sent", "failed", "unsent"]).meta({
      description: "`unsent`: no destination was chosen when it arose",
    }),
    reason: z.string().nullable().meta({ description: "Why its latest try failed" }),
    attemptCount: z.number().int(),
    createdAt: z.string(),
    sentAt: z.string().nullable(),
  })
  .meta({ id: "Alert", description: "One change of one check" });
export type Alert = z.infer<typeof Alert>;

export const Alerts = pageOf(Alert).extend({ destinationId: DestinationId }).meta({ id: "Alerts" });
export type Alerts = z.infer<typeof Alerts>;

/** What the health job said last; open to everybody, so it counts destinations and names none. */
export const LastHealthJob = z
  .object({
    at: z.string(),
    status: z.enum(["ok", "failing"]).meta({ description: "Of the deployment's own checks" }),
    checks: z.record(z.string(), z.enum(["ok", "failing"])),
    failingDestinations: z.number().int(),
    disabledDestinations: z.number().int().meta({ description: "Disabled by Baton, as after 410" }),
  })
  .nullable()
  .meta({ description: "What the health job, each minute, said last; null before its first run" });
export type LastHealthJob = z.infer<typeof LastHealthJob>;
