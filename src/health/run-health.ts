import type { Deps } from "../context.ts";
import { healthChecks, settings } from "../db/schema/control.ts";
import { checkDeployment } from "./check-deployment.ts";
import { checkDestinations } from "./check-destinations.ts";
import { changesOf } from "./finding.ts";
import { forgetDeleted, saveFindings } from "./save-findings.ts";
import { sendAlerts } from "./send-alerts.ts";

/** Name of the setting that holds when the health job ran last, in milliseconds. */
export const HEALTH_JOB_AT = "health_job_at";

/** Looks at the databases, the queue and the destinations, keeps what has changed, and tells whoever wants to know. */
export async function runHealth(
  deps: Pick<Deps, "db" | "shards" | "settings" | "gates" | "channels" | "mailboxes" | "bodies">,
): Promise<{ failing: number; disabled: number; changed: number; alertsSent: number }> {
  const rows = await deps.db.select().from(healthChecks);
  const known = new Map(rows.map((row) => [row.name, row]));
  const [deployment, findings] = await Promise.all([
    checkDeployment(deps, known),
    checkDestinations(deps, known),
  ]);
  const all = [...deployment, ...findings];
  // A destination that was always well has no row, and needs none.
  const changes = changesOf(all, known).filter(
    ({ finding, kind }) => kind !== null || finding.organizationId === null,
  );
  await saveFindings(deps, changes);
  await forgetDeleted(deps);
  const now = String(Date.now());
  await deps.db
    .insert(settings)
    .values({ name: HEALTH_JOB_AT, value: now })
    .onConflictDoUpdate({ target: settings.name, set: { value: now } });
  return {
    failing: all.filter(({ state }) => state === "failing").length,
    disabled: all.filter(({ state }) => state === "disabled").length,
    changed: changes.length,
    alertsSent: await sendAlerts(deps),
  };
}
