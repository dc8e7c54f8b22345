import { inArray, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Deps } from "../context.ts";
import type { ControlDb } from "../db/client.ts";
import { alertSettings, alerts, healthChecks, organizations } from "../db/schema/control.ts";
import { newId } from "../ids.ts";
import { MAX_CHANGES_IN_BATCH } from "./constants.ts";
import type { AlertRow, Finding } from "./finding.ts";

type Change = { finding: Finding; kind: AlertRow["kind"] | null };

/** Writes what has changed, and an alert for each change, in one batch: a change is told once, and none is forgotten. */
export async function saveFindings(
  { db }: Pick<Deps, "db">,
  changes: readonly Change[],
  gone: readonly string[],
): Promise<void> {
  const now = Date.now();
  for (let i = 0; i < changes.length; i += MAX_CHANGES_IN_BATCH) {
    const [first, ...rest] = changes
      .slice(i, i + MAX_CHANGES_IN_BATCH)
      .flatMap((change) => changeStatements(db, change, now));
    if (first) await db.batch([first, ...rest]);
  }
  if (gone.length > 0) {
    await db
      .delete(healthChecks)
      .where(
        inArray(healthChecks.name, sql`(SELECT value FROM json_each(${JSON.stringify(gone)}))`),
      );
  }
}

function changeStatements(
  db: ControlDb,
  { finding, kind }: Change,
  now: number,
): BatchItem<"sqlite">[] {
  const { name, organizationId, state, evidence } = finding;
  const write = db
    .insert(healthChecks)
    .values({ name, organizationId, state, since: now, evidence })
    .onConflictDoUpdate({ target: healthChecks.name, set: { state, since: now, evidence } });
  return kind === null ? [write] : [alertStatement(db, finding, kind, now), write];
}

/**
 * Only when nobody has written this state meanwhile: two runs at once make one alert. The SELECT is raw for its
 * conditions; its columns stand in the table's order.
 */
function alertStatement(db: ControlDb, finding: Finding, kind: AlertRow["kind"], now: number) {
  const { name, organizationId, state, summary, link } = finding;
  const told =
    organizationId === null
      ? sql`(SELECT id FROM ${organizations} WHERE is_operator = 1 ORDER BY id LIMIT 1)`
      : sql`${organizationId}`;
  const chosen = sql`EXISTS (SELECT 1 FROM ${alertSettings} WHERE organization_id = ${told})`;
  return db.insert(alerts).select(sql`
    SELECT ${newId("alert", now)}, ${told}, ${name}, ${kind}, ${summary}, ${link}, ${now},
      CASE WHEN ${chosen} THEN 'pending' ELSE 'unsent' END, 0, CASE WHEN ${chosen} THEN ${now} END, NULL, NULL, NULL
    WHERE ${told} IS NOT NULL
      AND (SELECT state FROM ${healthChecks} WHERE name = ${name}) IS NOT ${state}`);
}
