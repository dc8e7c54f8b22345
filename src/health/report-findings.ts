import { like } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { healthChecks } from "../db/schema/control.ts";
import { type CheckRow, changesOf, type Finding } from "./finding.ts";
import { saveFindings } from "./save-findings.ts";

/** The checks whose name begins so, as they were found last. */
export async function knownChecks(
  { db }: Pick<Deps, "db">,
  prefix: string,
): Promise<ReadonlyMap<string, CheckRow>> {
  const rows = await db
    .select()
    .from(healthChecks)
    .where(like(healthChecks.name, `${prefix}%`));
  return new Map(rows.map((row) => [row.name, row]));
}

/**
 * Keeps what has changed, with an alert for each change; the health job sends them. What was always well leaves nothing.
 * Returns how many changes there were.
 */
export async function reportFindings(
  deps: Pick<Deps, "db">,
  findings: readonly Finding[],
  known: ReadonlyMap<string, CheckRow>,
): Promise<number> {
  const changes = changesOf(findings, known).filter(({ kind }) => kind !== null);
  await saveFindings(deps, changes);
  return changes.length;
}
