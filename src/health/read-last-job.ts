import { eq, isNull, like, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { healthChecks, settings } from "../db/schema/control.ts";
import { toRfc3339 } from "../time.ts";
import { DESTINATION_CHECK } from "./finding.ts";
import { HEALTH_JOB_AT } from "./run-health.ts";
import type { LastHealthJob } from "./schemas.ts";

/** What the health job said last, without a word about whose destinations are not well. */
export async function readLastHealthJob({ db }: Pick<Deps, "db">): Promise<LastHealthJob> {
  const [at, checks, destinations] = await db.batch([
    db.select({ value: settings.value }).from(settings).where(eq(settings.name, HEALTH_JOB_AT)),
    db
      .select({ name: healthChecks.name, state: healthChecks.state })
      .from(healthChecks)
      .where(isNull(healthChecks.organizationId)),
    db
      .select({ state: healthChecks.state, count: sql<number>`count(*)`.as("count") })
      .from(healthChecks)
      .where(like(healthChecks.name, `${DESTINATION_CHECK}%`))
      .groupBy(healthChecks.state),
  ]);
  if (!at[0]) return null;
  const countOf = (wanted: string) =>
    destinations.find(({ state }) => state === wanted)?.count ?? 0;
  return {
    at: toRfc3339(Number(at[0].value)),
    status: checks.every(({ state }) => state === "ok") ? "ok" : "failing",
    checks: Object.fromEntries(
      checks.map(({ name, state }) => [name, state === "ok" ? "ok" : "failing"]),
    ),
    failingDestinations: countOf("failing"),
    disabledDestinations: countOf("disabled"),
  };
}
