import { and, like, notExists, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Deps } from "../context.ts";
import type { ControlDb } from "../db/client.ts";
import {
  alertSettings,
  alerts,
  destinations,
  healthChecks,
  organizations,
} from "../db/schema/control.ts";
import { newId } from "../ids.ts";
import { MAX_CHANGES_IN_BATCH } from "./constants.ts";
import { type AlertRow, DESTINATION_CHECK, type Finding } from "./finding.ts";

type Change = { finding: Finding; kind: AlertRow["kind"] | null };

/** Writes what has changed, and an alert for each change, in one batch: a change is told once, and none is forgotten. */
export async function saveFindings(
  { db }: Pick<Deps, "db">,
  changes: readonly Change[],
): Promise<void> {
  const now = Date.now();
  for (let i = 0; i < changes.length; i += MAX_CHANGES_IN_BATCH) {
    const [first, ...rest] = changes
      .slice(i, i + MAX_CHANGES_IN_BATCH)
      .flatMap((change) => changeStatements(db, change, now));
    if (first) await db.batch([first, ...rest]);
  }
}

/** A deleted destination is no news, well or not; nothing stays of it. Raw, for the id within the name. */
export async function forgetDeleted({ db }: Pick<Deps, "db">): Promise<void> {
  const id = sql`substr(${healthChecks.name}, ${DESTINATION_CHECK.length + 1})`;
  const existing = db
    .select({ one: sql`1` })
    .from(destinations)
    .where(sql`${destinations.id} = ${id}`);
  await db
    .delete(healthChecks)
    .where(and(like(healthChecks.name, `${DESTINATION_CHECK}%`), notExists(existing)));
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
 * Only when nobody has written this meanwhile: two runs at once make one alert. The SELECT is raw for its
 * conditions; its columns stand in the table's order.
 */
function alertStatement(db: ControlDb, finding: Finding, kind: AlertRow["kind"], now: number) {
  const { name, organizationId, state, summary, link, leftAt } = finding;
  const told =
    organizationId === null
      ? sql`(SELECT id FROM ${organizations} WHERE is_operator = 1 ORDER BY id LIMIT 1)`
      : sql`${organizationId}`;
  const chosen = sql`EXISTS (SELECT 1 FROM ${alertSettings} WHERE organization_id = ${told})`;
  return db.insert(alerts).select(sql`
    SELECT ${newId("alert", now)}, ${told}, ${name}, ${kind}, ${summary}, ${link}, ${now},
      CASE WHEN ${chosen} THEN 'pending' ELSE 'unsent' END, 0, CASE WHEN ${chosen} THEN ${now} END, NULL, NULL, NULL
    WHERE ${told} IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM ${healthChecks} WHERE name = ${name} AND state = ${state} AND since >= ${leftAt ?? 0})`);
}
